"""This app's reactions to its own events, and to its tenants': system messages and pushes."""

from conversations import selectors, system_messages
from conversations.events import (
    AgentsHaveSeen,
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationReopened,
    ConversationsDeleted,
    MessageAdded,
    MessageDeleted,
    MessageEdited,
    SessionsEnded,
)
from conversations.identity import services as identities
from conversations.models import Direction, Status
from conversations.services.lifecycle import AUTO_CLOSE
from conversations.services.messaging import agent_actor
from conversations.sessions import services as sessions
from conversations.sessions.models import EndReason
from conversations.socket import realtime
from kernel import events
from templates_i18n.keys import TemplateKey
from tenants.audit import CUSTOMER, ActorKind
from tenants.events import TenantStatusChanged
from tenants.models import Tenant


def register() -> None:
    """Subscribe; the order is the order in which a customer sees things."""
    events.subscribe(MessageAdded, push_message)
    events.subscribe(MessageAdded, greet_and_ask_to_wait)
    events.subscribe(MessageEdited, push_edit)
    events.subscribe(MessageDeleted, push_removal)
    events.subscribe(AgentsHaveSeen, push_receipts)
    events.subscribe(ConversationClaimed, tell_who_joined)
    events.subscribe(ConversationClosed, say_goodbye)
    events.subscribe(ConversationReopened, say_it_is_open)
    events.subscribe(TenantStatusChanged, end_sockets_of_tenant)
    events.subscribe(ConversationsDeleted, end_sockets)
    events.subscribe(ConversationsDeleted, forget_sessions)
    events.subscribe(ConversationsDeleted, forget_people)
    events.subscribe(ConversationBlocked, end_sessions)
    events.subscribe(SessionsEnded, end_sockets_of_sessions)


def push_message(event: MessageAdded) -> None:
    """Every socket of the conversation shows the message after the commit."""
    label = ""
    if event.message.direction == Direction.OUTBOUND:
        label = selectors.agent_label(tenant=event.tenant, message=event.message)
    realtime.push_message(
        conversation=event.conversation,
        message=event.message,
        agent_label=label,
        echo_text=event.echo_text,
    )


def greet_and_ask_to_wait(event: MessageAdded) -> None:
    """Welcome with the first message; ask for patience while nobody has claimed."""
    if event.message.direction != Direction.INBOUND:
        return
    # The number of the customer's message: a system message may have been added since.
    if event.message.seq == 1:
        system_messages.send(
            tenant=event.tenant, conversation=event.conversation, key=TemplateKey.WELCOME
        )
    # A message that reopens is answered by "reopened" first: see say_it_is_open.
    if not event.has_reopened:
        _ask_to_wait(event)


def _ask_to_wait(event: MessageAdded | ConversationReopened) -> None:
    if event.conversation.status == Status.OPEN_UNCLAIMED:
        system_messages.send(
            tenant=event.tenant, conversation=event.conversation, key=TemplateKey.WAITING
        )


def push_edit(event: MessageEdited) -> None:
    """Sockets that can show edits do; the others see it when they read the history."""
    realtime.push_edit(conversation=event.conversation, message=event.message)


def push_removal(event: MessageDeleted) -> None:
    """As an edit: sockets that can take a message away do."""
    realtime.push_removal(conversation=event.conversation, message=event.message)


def push_receipts(event: AgentsHaveSeen) -> None:
    """Sockets that have asked show what agents have seen."""
    realtime.push_receipts(conversation=event.conversation)


def tell_who_joined(event: ConversationClaimed) -> None:
    """The customer learns who has the conversation now.

    Not where a colleague has given it to them, and both have the same name to the customer.
    """
    label = selectors.public_agent_label(tenant=event.tenant, agent=event.agent)
    former = None if event.actor == agent_actor(event.agent) else event.previous
    if former and label == selectors.public_agent_label(tenant=event.tenant, agent=former):
        return
    realtime.push_agent_joined(conversation=event.conversation, agent_label=label)


def say_goodbye(event: ConversationClosed) -> None:
    """The closing text, and after it the sign that the conversation is closed."""
    was_never_begun = event.actor == AUTO_CLOSE and event.conversation.last_seq == 0
    if not was_never_begun:
        system_messages.send(
            tenant=event.tenant,
            conversation=event.conversation,
            key=TemplateKey.CLOSING,
            agent_name=_name_of_closer(event),
        )
    realtime.push_closed(conversation=event.conversation)


def _name_of_closer(event: ConversationClosed) -> str:
    """Who says goodbye, as customers know them; nobody does when the silence has closed it."""
    if event.actor == AUTO_CLOSE:
        return ""
    closer = None
    if event.actor.kind == ActorKind.AGENT:
        closer = selectors.find_agent(tenant=event.tenant, channel_user_id=event.actor.id)
    return selectors.name_on_reply(conversation=event.conversation, sender=closer)


def say_it_is_open(event: ConversationReopened) -> None:
    """The customer sees that the conversation is open again, and waits if they opened it."""
    system_messages.send(
        tenant=event.tenant, conversation=event.conversation, key=TemplateKey.REOPENED
    )
    realtime.push_reopened(conversation=event.conversation)
    if event.actor == CUSTOMER:
        _ask_to_wait(event)


def end_sockets_of_tenant(event: TenantStatusChanged) -> None:
    """A suspended tenant's customers are cut off at once, also those who are only reading."""
    if event.status != Tenant.Status.ACTIVE:
        realtime.end_sockets_of(tenant=event.tenant)


def end_sockets(event: ConversationsDeleted) -> None:
    """Nobody waits for an answer in a conversation that is gone."""
    for conversation in event.conversations:
        realtime.push_deleted(conversation=conversation)


def forget_sessions(event: ConversationsDeleted) -> None:
    """A browser that comes back to a conversation that is gone learns that, and nothing else."""
    sessions.forget_sessions_of(tenant=event.tenant, conversations=event.conversations)


def forget_people(event: ConversationsDeleted) -> None:
    """A person whose last conversation goes is known no more."""
    identities.forget_people_of(tenant=event.tenant, conversations=event.conversations)


def end_sessions(event: ConversationBlocked) -> None:
    """A customer who may not write any more does not come back either."""
    sessions.end_sessions_of(
        tenant=event.tenant, conversation=event.conversation, reason=EndReason.BLOCKED
    )


def end_sockets_of_sessions(event: SessionsEnded) -> None:
    """What is open in a browser ends with its session."""
    realtime.push_sessions_ended(
        conversation_id=event.conversation_id,
        session_ids=event.session_ids,
        reason=event.reason,
    )
