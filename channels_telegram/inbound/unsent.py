"""Agents' messages that did not reach the customer, kept for their later edits."""

import hashlib
from uuid import UUID

from channels_telegram import sql
from channels_telegram.channels import DecryptedChannel
from channels_telegram.models import UnsentMessage
from channels_telegram.updates import Message
from conversations.models import Conversation
from tenants.models import Tenant

Reason = UnsentMessage.Reason


def hash_of(words: str) -> str:
    """What tells an edit that changes words from one that does not; the words are not kept."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def note(
    tenant: Tenant,
    conversation: Conversation,
    channel: DecryptedChannel,
    message: Message,
    reason: Reason,
    remark_id: UUID | None = None,
) -> None:
    """Note that the message was not sent, or why its edited words were not.

    `remark_id`: what was kept of it for colleagues.
    """
    sql.note_unsent(
        tenant_id=tenant.pk,
        channel_id=channel.id,
        chat_id=message.chat.id,
        telegram_message_id=message.message_id,
        conversation_id=conversation.pk,
        reason=reason,
        words_hash=hash_of(message.words),
        remark_id=remark_id,
    )


def find(
    tenant: Tenant, conversation: Conversation, channel: DecryptedChannel, message: Message
) -> UnsentMessage | None:
    """The note about this message of this conversation, locked; None without one."""
    return (
        UnsentMessage.objects.select_for_update()
        .filter(
            tenant=tenant,
            channel_id=channel.id,
            chat_id=message.chat.id,
            telegram_message_id=message.message_id,
            conversation=conversation,
        )
        .first()
    )
