"""Taking a topic out of the group."""

import structlog

from channels_telegram import watching
from channels_telegram.api_errors import RightsMissing, TopicGone
from channels_telegram.bot_api import BotApi
from channels_telegram.channels import DecryptedChannel
from channels_telegram.outgoing import rate_limit
from outbox.errors import DeliveryError

logger = structlog.get_logger(__name__)

ADVICE = "Make the bot an admin who may delete messages, then retry."


def remove_topic(
    channel: DecryptedChannel, thread_id: int, *, timeout_seconds: float | None = None
) -> None:
    """Delete it with everything in it; one that is gone already is as good.

    Raises DeliveryError when the bot lacks the right, and what Telegram and its budget raise
    otherwise. The missing right is not worth holding customers' messages back for: the item is
    tried again some times and then stays on the list of dead ones, with this reason.
    """
    rate_limit.spend(channel)
    api = BotApi(channel.bot_token, timeout_seconds=timeout_seconds)
    try:
        api.delete_forum_topic(chat_id=channel.chat_id, thread_id=thread_id)
    except TopicGone:
        logger.debug("topic_gone_already")
    except RightsMissing as error:
        watching.note_refusal(channel.tenant_id, error)
        raise DeliveryError(f"{error}. {ADVICE}") from error
