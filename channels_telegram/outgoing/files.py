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
from outbox.kinds import AfterDelivery
from outbox.models import OutboxItem

logger = structlog.get_logger(__name__)

# Telegram refuses larger pictures, and takes them as documents.
_MAX_PHOTO_BYTES = 10 * 1024 * 1024


@handles(kinds.POST_FILE)
def post_file(item: OutboxItem, payload: TopicFile) -> AfterDelivery | None:
    """Post a file in the conversation's topic, or say there that Telegram does not take it."""
    file, completed = payload.file, payload.completes
    if file is None:
        return None
    bold = [range(payload.bold_units)]

    def send(target: TopicTarget) -> PostedMessage:
        try:
            return _send(target, payload, file, bold)
        except (Refused, FileNotFoundError) as error:
            logger.warning("file_not_posted", error=str(error)[:200])
        text = texts.file_not_posted(payload.text, file.name)
        return topic_delivery.send(target, text, bold=bold, keyboard=payload.keyboard)

    done = topic_delivery.in_topic(item.tenant_id, payload.conversation, send)
    if done is None or completed is None:
        return None
    handlers.tell_the_sender(item, payload.conversation, completed)
    return lambda: handlers.note_delivered(item, payload.conversation, completed.seq)


def _send(
    target: TopicTarget, payload: TopicFile, file: AttachedFile, bold: list[range]
) -> PostedMessage:
    """As a picture where Telegram takes it for one, as a document otherwise."""

    def send(field: Literal["photo", "document"]) -> PostedMessage:
        upload = Upload(field, file.name, content, file.bytes)
        return topic_delivery.send_file(
            target, upload, payload.text, bold=bold, keyboard=payload.keyboard
        )

    tenant_id = topic_delivery.channel_of(target).tenant_id
    with attachments.open_content(tenant_id, file.id) as content:
        if file.kind is not FileKind.IMAGE or file.bytes > _MAX_PHOTO_BYTES:
            return send("document")
        try:
            return send("photo")
        except Refused as error:
            # Such as one that is twenty times as long as wide.
            logger.info("picture_sent_as_document", error=str(error)[:200])
            return send("document")
