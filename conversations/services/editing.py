"""What a conversation is called, noted and routed by."""

from uuid import UUID

from conversations import searching, selectors
from conversations.errors import ConversationBlocked
from conversations.events import LocaleChanged, TitleChanged
from conversations.models import Conversation, Status
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants.audit import CUSTOMER, Actor
from tenants.models import Tenant


def rename_customer(
    *, tenant: Tenant, conversation_id: UUID, name: str, actor: Actor = CUSTOMER
) -> Conversation:
    """The customer introduces themselves, or changes the name.

    An empty name takes it away; only others than the customer may do so. Raises
    ConversationNotFound, and ConversationBlocked for the customer: agents see names in titles.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if actor == CUSTOMER:
        _require_not_blocked(conversation)
    if _change(conversation, "customer_name", name):
        searching.index_changed(conversation)
        note_change(tenant=tenant, conversation=conversation, actor=actor, action="renamed")
        events.publish(TitleChanged(tenant, conversation))
    return conversation


def change_codename(
    *, tenant: Tenant, conversation_id: UUID, codename: str, actor: Actor
) -> Conversation:
    """Give the conversation another handle among agents; raises ConversationNotFound."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    previous = conversation.codename
    if _change(conversation, "codename", codename):
        searching.index_changed(conversation)
        note_change(
            tenant=tenant,
            conversation=conversation,
            actor=actor,
            action="codename_changed",
            changes={"codename": [previous, codename]},
        )
        events.publish(TitleChanged(tenant, conversation))
    return conversation


def change_note(*, tenant: Tenant, conversation_id: UUID, note: str, actor: Actor) -> Conversation:
    """Keep a private note about the customer, or remove it with an empty one."""
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if _change(conversation, "about_note", note):
        searching.index_changed(conversation)
        note_change(tenant=tenant, conversation=conversation, actor=actor, action="note_changed")
        events.publish(TitleChanged(tenant, conversation))
    return conversation


def change_locale(
    *, tenant: Tenant, conversation_id: UUID, locale: str, actor: Actor = CUSTOMER
) -> Conversation:
    """System messages follow this language from now on.

    Raises ConversationNotFound, and ConversationBlocked for the customer.
    """
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if actor == CUSTOMER:
        _require_not_blocked(conversation)
    previous = conversation.locale
    if _change(conversation, "locale", locale):
        note_change(
            tenant=tenant,
            conversation=conversation,
            actor=actor,
            action="locale_changed",
            changes={"locale": [previous, locale]},
        )
        events.publish(LocaleChanged(tenant, conversation))
    return conversation


def bind_thread(
    *, tenant: Tenant, conversation: Conversation, channel_id: UUID, thread_id: str | None
) -> None:
    """Say in which thread of which channel the agents see the conversation (None: not yet)."""
    conversation.channel_id, conversation.thread_id = channel_id, thread_id
    Conversation.objects.filter(tenant=tenant, pk=conversation.pk).update(
        channel_id=channel_id, thread_id=thread_id
    )


def _require_not_blocked(conversation: Conversation) -> None:
    if conversation.status == Status.BLOCKED:
        raise ConversationBlocked()


def _change(conversation: Conversation, field: str, value: str) -> bool:
    if getattr(conversation, field) == value:
        return False
    setattr(conversation, field, value)
    conversation.updated_at = now_ms()
    conversation.save(update_fields=[field, "updated_at"])
    return True
