"""Fetching agents' files: made harmless, kept, and shown to the customer."""

from contextlib import closing

from attachments import services as attachments
from attachments.errors import AttachmentsNotAllowed, InvalidAttachment, ScannerAway
from attachments.models import StoredFile
from attachments.services import Allowance
from channels_telegram.api_errors import Refused, TelegramError
from channels_telegram.bot_api import BotApi
from channels_telegram.channels import DecryptedChannel, list_bots
from channels_telegram.inbound import files
from channels_telegram.outgoing import kinds
from channels_telegram.outgoing.error_mapping import handles
from channels_telegram.outgoing.kinds import Caption, FileToFetch
from conversations import selectors
from kernel.errors import DomainError
from outbox.errors import DeliveryError
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from outbox.retry import MAX_ATTEMPTS
from tenants.models import Tenant
from tenants.scope import tenant_scope

# After some seconds, or some minutes where each attempt waits for an answer.
TELLS_AFTER_ATTEMPTS = 4
_GIVEN_UP = "The file could not be fetched for days. Send it again."


@handles(kinds.FETCH_FILE)
def fetch_file(item: OutboxItem, payload: FileToFetch) -> AfterDelivery | None:
    """Fetch and keep the file; the message that has it is stored with the item's end.

    Where it is late the topic is told so, and where it is given up, too.
    """
    with tenant_scope(item.tenant_id) as tenant:
        channel, allowance = _bot_told_of(tenant, payload), Allowance.find(tenant)
        status = selectors.find_status(tenant=tenant, conversation_id=payload.conversation)
    if status is None or not payload.file_id:
        # The conversation is deleted.
        return None
    if channel is None:
        raise DeliveryError("No Telegram channel is configured.")
    try:
        if allowance is None:
            raise AttachmentsNotAllowed()
        file = _fetched(channel, payload, allowance)
    except Refused as error:
        return _refusing(
            item, payload, InvalidAttachment(f"Telegram does not hand it out: {error}.")
        )
    except (ScannerAway, TelegramError, OSError) as error:
        if item.attempts >= MAX_ATTEMPTS:
            return _refusing(item, payload, InvalidAttachment(_GIVEN_UP))
        if item.attempts >= TELLS_AFTER_ATTEMPTS:
            with tenant_scope(item.tenant_id) as tenant:
                files.tell_late(tenant, payload)
        if isinstance(error, TelegramError):
            raise
        raise DeliveryError(_reason_of(error)) from error
    except DomainError as error:
        return _refusing(item, payload, error)

    def show() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            files.show(tenant, payload, file)

    return show


def _bot_told_of(tenant: Tenant, order: FileToFetch) -> DecryptedChannel | None:
    """The bot to which the file's id belongs; else the first one, whom Telegram will refuse."""
    bots = list_bots(tenant=tenant)
    return next((bot for bot in bots if bot.bot_id == order.bot_id), bots[0] if bots else None)


@handles(kinds.CHANGE_CAPTION)
def change_caption(_item: OutboxItem, _payload: Caption) -> None:
    """Nothing is left to do: the file that it stood behind was shown with these words, or never."""


def _reason_of(error: ScannerAway | OSError) -> str:
    if isinstance(error, ScannerAway):
        return error.public_message
    return f"The file cannot be kept: {error.strerror or type(error).__name__}."


def _refusing(item: OutboxItem, payload: FileToFetch, error: DomainError) -> AfterDelivery:
    def refuse() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            files.refuse(tenant, payload, error)

    return refuse


def _fetched(channel: DecryptedChannel, order: FileToFetch, allowance: Allowance) -> StoredFile:
    bot = BotApi(channel.bot_token)
    with attachments.temporary_file() as content:
        # One byte more shows that it is too large.
        bot.download(bot.get_file_path(file_id=order.file_id), content, allowance.max_bytes + 1)
        prepared = attachments.prepare(content, order.name, allowance, tenant_id=channel.tenant_id)
        with closing(prepared.content):
            return attachments.store(
                tenant_id=channel.tenant_id,
                conversation_id=order.conversation,
                prepared=prepared,
                is_agents=True,
            )
