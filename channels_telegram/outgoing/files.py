"""Delivering customers' files to the topic."""

from typing import Literal

import structlog

from attachments import services as attachments
from channels_telegram import texts
from channels_telegram.api_errors import Refused
from channels_telegram.bot_api import PostedMessage
from channels_telegram.multipart import Upload
from channels_telegram.outgoing import handlers, kinds, topic_delivery
from channels_telegram.outgoing.error_mapping import handles
from channels_telegram.outgoing.kinds import TopicFile
from channels_telegram.topics.topic_records import TopicTarget
from conversations.attached import AttachedFile, FileKind
from kernel.text import utf16_length
from outbox.errors import DeliveryError
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem

logger = structlog.get_logger(__name__)

# Telegram refuses other pictures, and takes them as documents.
_MAX_PHOTO_BYTES = 10 * 1024 * 1024
_MAX_PHOTO_SIDES = 10_000
_MAX_PHOTO_RATIO = 20
# How the next attempt learns what Telegram has refused: each attempt makes one post, since the
# group's budget may have no room for two.
_NO_PHOTO = "refused as a photo"
_NO_DOCUMENT = "refused as a document"


@handles(kinds.POST_FILE)
def post_file(item: OutboxItem, payload: TopicFile) -> AfterDelivery | None:
    """Post a file in the conversation's topic, or say there that Telegram does not take it."""
    file, completed = payload.file, payload.completes
    if file is None:
        return None

    def send(target: TopicTarget) -> PostedMessage:
        if not item.last_error.startswith(_NO_DOCUMENT):
            try:
                return _send(target, payload, file, _field_for(item, file))
            except FileNotFoundError:
                logger.warning("file_not_found", file=str(file.id))
        text = texts.file_not_posted(payload.text, file.name)
        return topic_delivery.send(
            target, text, bold=_bold(payload), quoted=_quoted(payload), keyboard=payload.keyboard
        )

    done = topic_delivery.in_topic(item, payload, send)
    if done is None or completed is None:
        return None
    return lambda: handlers.note_delivered(item, payload.conversation, [completed])


def _field_for(item: OutboxItem, file: AttachedFile) -> Literal["photo", "document"]:
    """A picture goes as one where Telegram takes it for one."""
    is_photo = file.kind is FileKind.IMAGE and file.bytes <= _MAX_PHOTO_BYTES
    if file.width and file.height:
        short, long = sorted((file.width, file.height))
        is_photo &= short + long <= _MAX_PHOTO_SIDES and long <= _MAX_PHOTO_RATIO * short
    return "photo" if is_photo and not item.last_error.startswith(_NO_PHOTO) else "document"


def _send(
    target: TopicTarget, payload: TopicFile, file: AttachedFile, field: Literal["photo", "document"]
) -> PostedMessage:
    """Raises DeliveryError where Telegram refuses it so: the next attempt sends it otherwise."""
    tenant_id = topic_delivery.channel_of(target).tenant_id
    with attachments.open_content(tenant_id, file.id) as content:
        upload = Upload(field, file.name, content, file.bytes)
        try:
            return topic_delivery.send_file(
                target,
                upload,
                payload.text,
                bold=_bold(payload),
                quoted=_quoted(payload),
                keyboard=payload.keyboard,
            )
        except Refused as error:
            refused = _NO_PHOTO if field == "photo" else _NO_DOCUMENT
            raise DeliveryError(f"{refused}: {error}", retry_after_seconds=0) from error


def _bold(payload: TopicFile) -> list[range]:
    return [range(payload.bold_units)]


def _quoted(payload: TopicFile) -> list[range]:
    end = utf16_length(payload.text)
    return [range(end - payload.quoted_units, end)] if payload.quoted_units else []
