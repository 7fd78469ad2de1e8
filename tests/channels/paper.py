"""A second channel, to prove that the port is enough: agents read slips of paper in a tray.

It has no threads, no pins, and knows its agents by their names alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from conversations import channels, services
from conversations.channels import Capabilities, ChannelState, ChannelStatus
from conversations.errors import ConversationNotClaimed
from conversations.events import (
    AgentsNotified,
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationReopened,
    ConversationsDeleted,
    ConversationStarted,
    MessageAdded,
    RemarkAdded,
    TitleChanged,
)
from conversations.models import Agent, Direction, Message
from outbox import services as outbox
from outbox.dispatcher import Drain
from outbox.kinds import Kind
from outbox.models import Lane, OutboxItem
from outbox.queueing import Payload
from tenants.audit import Actor, ActorKind
from tenants.models import Tenant
from tenants.scope import tenant_scope


class Slip(Payload, frozen=True, kw_only=True):
    """What is written on it."""

    conversation: UUID
    text: str


class Paper:
    """The channel of one tenant."""

    code = "paper"
    capabilities = Capabilities(edits=True, threads=False, pins=False)
    shared_user_ids = frozenset[str]()

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        # Of its own, so that no worker of the run knows it.
        self.kind = Kind(f"paper.{uuid4().hex[:12]}", Slip, lane=Lane.CUSTOMER_MESSAGE)
        self.kind.handler(self.deliver)
        self.is_open = True
        # By conversation, what has been delivered, in order.
        self.tray: dict[str, list[str]] = {}

    # What conversations ask of a channel.

    def require_user_id(self, user_id: str) -> None:
        """Any name will do."""

    def serves(self, tenant: Tenant) -> bool:
        return tenant.pk == self.tenant.pk

    def status(self, *, tenant: Tenant) -> ChannelStatus:
        state = ChannelState.WORKING if self.is_open else ChannelState.NOT_CONFIGURED
        return ChannelStatus(state)

    def on_started(self, event: ConversationStarted) -> None:
        """Nothing to say yet."""

    def on_message(self, event: MessageAdded) -> None:
        if event.message.direction == Direction.INBOUND:
            self._write(event.conversation.pk, f"customer: {event.message.text}", event.message.pk)

    def on_remark(self, event: RemarkAdded) -> None:
        self._write(event.conversation.pk, f"remark: {event.remark.text}", event.remark.pk)

    def on_agents_notified(self, event: AgentsNotified) -> None:
        self._write(event.conversation.pk, f"note: {event.text}", f"{event.key}")

    def on_claimed(self, event: ConversationClaimed) -> None:
        about = f"claimed:{event.conversation.claimed_at}"
        self._write(event.conversation.pk, f"claimed: {event.agent.internal_name}", about)

    def on_closed(self, event: ConversationClosed) -> None:
        self._write(event.conversation.pk, "closed", f"closed:{event.conversation.updated_at}")

    def on_reopened(self, event: ConversationReopened) -> None:
        about = f"reopened:{event.conversation.updated_at}"
        self._write(event.conversation.pk, "reopened", about)

    def on_blocked(self, event: ConversationBlocked) -> None:
        self._write(event.conversation.pk, "blocked", "blocked")

    def on_deleted(self, event: ConversationsDeleted) -> None:
        keys = [f"paper:{row.pk}" for row in event.conversations]
        outbox.forget(tenant=event.tenant, ordering_keys=keys, kept_of_running=set())
        for row in event.conversations:
            self.tray.pop(str(row.pk), None)

    def on_title_changed(self, event: TitleChanged) -> None:
        """Slips have no titles."""

    # What agents do.

    def claim(self, agent: str, conversation_id: UUID) -> None:
        """Take a conversation on."""
        with tenant_scope(self.tenant.pk) as tenant:
            services.claim_conversation(
                tenant=tenant, conversation_id=conversation_id, agent=_agent(tenant, agent)
            )

    def answer(self, agent: str, conversation_id: UUID, text: str) -> Message | None:
        """Answer on a slip; what is refused is said on another one."""
        with tenant_scope(self.tenant.pk) as tenant:
            try:
                return services.add_agent_reply(
                    tenant=tenant,
                    conversation_id=conversation_id,
                    agent=_agent(tenant, agent),
                    text=text,
                )
            except ConversationNotClaimed as error:
                self._write(conversation_id, f"refused: {error}", f"refused:{text}")
                return None

    def edit(self, agent: str, answer: Message, text: str) -> None:
        """Correct an answer."""
        with tenant_scope(self.tenant.pk) as tenant:
            actor = Actor(ActorKind.AGENT, _agent(tenant, agent).channel_user_id)
            services.edit_agent_reply(tenant=tenant, message_id=answer.pk, text=text, actor=actor)

    def close(self, agent: str, conversation_id: UUID) -> None:
        """Finish a conversation."""
        with tenant_scope(self.tenant.pk) as tenant:
            actor = Actor(ActorKind.AGENT, _agent(tenant, agent).channel_user_id)
            services.close_conversation(tenant=tenant, conversation_id=conversation_id, actor=actor)

    # How slips get into the tray.

    def _write(self, conversation_id: UUID, text: str, about: object) -> None:
        slip = self.kind.effect(
            Slip(conversation=conversation_id, text=text),
            ordering_key=f"paper:{conversation_id}",
            idempotency_key=f"paper:{conversation_id}:{about}",
        )
        outbox.enqueue(tenant=self.tenant, effects=[slip])

    def deliver(self, item: OutboxItem, slip: Slip) -> None:
        """The handler of the slips."""
        self.tray.setdefault(str(slip.conversation), []).append(slip.text)

    def delivered(self, conversation_id: UUID) -> list[str]:
        """What lies in the tray, after all that is due has been delivered."""
        Drain(senders=1, kinds=[self.kind.name]).run()
        return self.tray.get(str(conversation_id), [])


def _agent(tenant: Tenant, name: str) -> Agent:
    return services.see_agent(tenant=tenant, channel_user_id=name, channel_name=name)


@contextmanager
def open_paper(tenant: Tenant) -> Iterator[Paper]:
    """The tenant's agents are in this channel for as long as the block lasts."""
    paper = Paper(tenant)
    channels.register(paper)
    try:
        yield paper
    finally:
        channels.withdraw(paper)
