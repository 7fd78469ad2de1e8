"""Fetching agents' files: made harmless, kept, and shown to the customer."""

from contextlib import closing

from attachments import services as attachments
from attachments.errors import AttachmentsNotAllowed, InvalidAttachment, ScannerAway
from attachments.models import StoredFile
from attachments.services import Allowance
from channels_telegram.api_errors import Refused
from channels_telegram.bot_api import BotApi
from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.inbound import files
from channels_telegram.outgoing import kinds
from channels_telegram.outgoing.error_mapping import handles
from channels_telegram.outgoing.kinds import Caption, FileToFetch
from conversations import selectors
from kernel.errors import DomainError
from outbox.errors import DeliveryError
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem
from tenants.scope import tenant_scope


@handles(kinds.FETCH_FILE)
def fetch_file(item: OutboxItem, payload: FileToFetch) -> AfterDelivery | None:
    """Fetch and keep the file; the message that has it is stored with the item's end."""
    with tenant_scope(item.tenant_id) as tenant:
        channel, allowance = find_channel(tenant=tenant), Allowance.find(tenant)
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
    except ScannerAway as error:
        raise DeliveryError(error.public_message) from error
    except Refused as error:
        return _refusing(
            item, payload, InvalidAttachment(f"Telegram does not hand it out: {error}.")
        )
    except DomainError as error:
        return _refusing(item, payload, error)

    def show() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            files.show(tenant, payload, file)

    return show


@handles(kinds.CHANGE_CAPTION)
def change_caption(item: OutboxItem, payload: Caption) -> AfterDelivery:
    """Change the words of a file whose fetching has ended."""

    def change() -> None:
        with tenant_scope(item.tenant_id) as tenant:
            files.change_caption(tenant, payload)

    return change


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
        prepared = attachments.prepare(content, order.name, allowance)
        with closing(prepared.content):
            return attachments.store(
                tenant_id=channel.tenant_id,
                conversation_id=order.conversation,
                prepared=prepared,
            )
