"""Each update acts once, and so does each message of a group in which several bots hear it.

Every bot of a group is told of every message, under update ids of its own. Whichever copy comes
first acts: none is lost while one bot is being replaced by another, and Telegram keeps the order
for each of them. With a single bot its update ids are enough.
"""

import hashlib

from channels_telegram import sql
from channels_telegram.channels import DecryptedChannel, list_bots
from channels_telegram.models import InboxUpdate
from channels_telegram.updates import Message, Update
from tenants.models import Tenant

# In place of a bot: the group's messages have numbers of their own.
_GROUP = 0


def is_first_time(tenant: Tenant, channel: DecryptedChannel, update: Update) -> bool:
    """Note the update, or its message; False when it is noted already, or is not this bot's."""
    if not channel.is_first and _is_from_before(channel, update.message or update.edited_message):
        return False
    bot_id, number = _key(tenant, channel, update)
    return sql.is_first_time(
        tenant_id=tenant.pk, channel_id=channel.id, bot_id=bot_id, update_id=number
    )


def note_failed(tenant: Tenant, channel: DecryptedChannel, update: Update) -> None:
    """Remember the update as one that has failed, so that its repetitions do nothing."""
    bot_id, number = _key(tenant, channel, update)
    sql.is_first_time(tenant_id=tenant.pk, channel_id=channel.id, bot_id=bot_id, update_id=number)
    InboxUpdate.objects.filter(
        tenant=tenant, channel_id=channel.id, bot_id=bot_id, update_id=number
    ).update(has_failed=True)


def _is_from_before(channel: DecryptedChannel, message: Message | None) -> bool:
    """Whether the bot brings what it was told before it was ours: the others were told of it."""
    if message is None:
        return False
    return 0 < (message.edit_date or message.date) < int(channel.created_at.timestamp())


def _key(tenant: Tenant, channel: DecryptedChannel, update: Update) -> tuple[int, int]:
    message = update.message or update.edited_message
    if message is None or len(list_bots(tenant=tenant)) < 2:
        return channel.bot_id, update.update_id
    # Two edits in one second have the same date, and seldom the same words.
    said = f"{message.chat.id}:{message.message_id}:{message.edit_date}:{message.words}"
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()
    return _GROUP, int.from_bytes(digest[:8]) >> 1
