"""Taking back what an agent has said: `/del`, in reply to it."""

from uuid import UUID

from channels_telegram import texts
from channels_telegram.inbound import files
from channels_telegram.inbound.situation import InTopic
from channels_telegram.models import MessageLink
from conversations import services
from conversations.errors import LegalHold, MessageNotFound
from conversations.services.messaging import agent_actor


def delete(situation: InTopic) -> str:
    """Take the message away from the customer; returns what to tell the agents.

    A file that is still on its way stays here. What is in Telegram stays there: only people may
    remove others' messages from a group.
    """
    replied = situation.replied
    if replied is None:
        return texts.DELETE_NOTHING
    situation = situation.locked()
    message_id = _find(situation)
    if message_id is None:
        if files.withdraw(situation, replied):
            return texts.FILE_WITHDRAWN
        return texts.DELETE_OF_BOTS if replied.is_bots else texts.DELETE_UNSENT
    try:
        services.delete_agent_reply(
            tenant=situation.tenant,
            conversation_id=situation.conversation.pk,
            message_id=message_id,
            actor=agent_actor(situation.agent),
        )
    except MessageNotFound:
        return texts.DELETED_ALREADY
    except LegalHold:
        return texts.DELETE_ON_HOLD
    return texts.DELETED


def _find(situation: InTopic) -> UUID | None:
    """Which message of this conversation it has become."""
    replied = situation.replied
    assert replied is not None
    return (
        MessageLink.objects.filter(
            tenant=situation.tenant,
            channel_id=replied.channel_id,
            chat_id=replied.chat_id,
            telegram_message_id=replied.message_id,
            message__conversation=situation.conversation,
        )
        .values_list("message_id", flat=True)
        .first()
    )
