"""Files that agents send: which are fetched for the customer, and what is said about the others.

Telegram's own address of a file holds the bot's token. So a worker fetches the file, after the
update has been answered, and the customer gets an address of ours.
"""

import msgspec

from attachments import metrics, services
from attachments.erasure import discard
from attachments.errors import AttachmentTooLarge, KindNotAllowed
from attachments.models import StoredFile
from attachments.services import Allowance
from channels_telegram import sql, texts
from channels_telegram.channels import DecryptedChannel
from channels_telegram.inbound.situation import InTopic, Replied
from channels_telegram.inbound.unsent import Reason, hash_of
from channels_telegram.models import MessageLink, UnsentMessage
from channels_telegram.outgoing import effects, kinds, notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.outgoing.kinds import Caption, FileToFetch
from channels_telegram.updates import Message, is_given
from conversations import selectors
from conversations import services as conversations
from conversations.attached import FileKind
from conversations.errors import AgentNotFound, ConversationNotFound
from conversations.models import Agent, Direction, Status
from kernel.errors import DomainError
from outbox import selectors as outbox_selectors
from outbox import services as outbox
from tenants.models import Tenant

# Content that is a file, and what it is if Telegram is right; of a document, its content decides.
_KINDS: dict[str, FileKind | None] = {
    "photo": FileKind.IMAGE,
    "video": FileKind.VIDEO,
    "video_note": FileKind.VIDEO,
    "animation": FileKind.VIDEO,
    "voice": FileKind.AUDIO,
    "audio": FileKind.AUDIO,
    "document": None,
}


class RemoteFile(msgspec.Struct):
    """A file as an update names it."""

    file_id: str
    file_size: int = 0
    file_name: str = ""


def find_file(message: Message) -> RemoteFile | None:
    """The message's file; of a photo its largest size. None where it has none."""
    for name in _KINDS:
        field = getattr(message, name)
        if not is_given(field):
            continue
        try:
            if name == "photo":
                sizes = msgspec.json.decode(field, type=list[RemoteFile])
                return sizes[-1] if sizes else None
            return msgspec.json.decode(field, type=RemoteFile)
        except msgspec.MsgspecError:
            return None
    return None


def take(situation: InTopic, channel: DecryptedChannel, message: Message) -> bool:
    """Have the message's file fetched, or say why it is not; False where files are no matter.

    That is where the message has none, or the tenant takes none.
    """
    file = find_file(message)
    allowance = None if file is None else Allowance.find(situation.tenant)
    if file is None or allowance is None:
        return False
    order = FileToFetch(
        conversation=situation.conversation.pk,
        channel=channel.id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        agent=situation.agent.pk,
        file_id=file.file_id,
        bot_id=channel.bot_id,
        name=file.file_name,
        text=message.words,
        album=message.media_group_id,
    )
    kind = next((kind for name, kind in _KINDS.items() if is_given(getattr(message, name))), None)
    try:
        allowance.require_size(file.file_size)
        if kind is not None:
            allowance.require_kind(kind)
    except (AttachmentTooLarge, KindNotAllowed) as error:
        refuse(situation.tenant, order, error)
    else:
        outbox.enqueue(tenant=situation.tenant, effects=[effects.fetch_file(order)])
    return True


def is_being_fetched(situation: InTopic, channel: DecryptedChannel, message: Message) -> bool:
    """Whether the message's file is on its way to the customer.

    It stays so while the running transaction has the conversation locked.
    """
    key = effects.fetch_key(channel.id, message.chat.id, message.message_id)
    return outbox_selectors.is_open(tenant=situation.tenant, idempotency_key=key)


def withdraw(situation: InTopic, replied: Replied) -> bool:
    """Keep a file from the customer that is still being fetched; False when there is none.

    The conversation is locked.
    """
    key = effects.fetch_key(replied.channel_id, replied.chat_id, replied.message_id)
    if not outbox_selectors.is_open(tenant=situation.tenant, idempotency_key=key):
        return False
    sql.note_unsent(
        tenant_id=situation.tenant.pk,
        channel_id=replied.channel_id,
        chat_id=replied.chat_id,
        telegram_message_id=replied.message_id,
        conversation_id=situation.conversation.pk,
        reason=Reason.REMARK,
        words_hash=hash_of(""),
        remark_id=None,
    )
    return True


def change_words(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    """Send the message's file, which is being fetched, with the words that it has now."""
    caption = Caption(
        conversation=situation.conversation.pk,
        channel=channel.id,
        chat_id=message.chat.id,
        message_id=message.message_id,
        text=message.words,
    )
    outbox.enqueue(tenant=situation.tenant, effects=[effects.change_caption(caption)])


def show(tenant: Tenant, order: FileToFetch, file: StoredFile) -> None:
    """Give the customer a file that was fetched, with its caption.

    Raises nothing that is foreseen: what is fetched for nobody is discarded, and agents read why.
    """
    if _is_sent(tenant, order) or not _may_be_sent(tenant, order):
        discard(tenant=tenant, files=[file])
        return
    _send(tenant, _as_edited(tenant, order), file)


def refuse(tenant: Tenant, order: FileToFetch, error: DomainError) -> None:
    """Say in the topic why a file is not sent, once for an album; its caption is sent alone."""
    metrics.REFUSED.labels(Direction.OUTBOUND, error.code).inc()
    if _is_sent(tenant, order) or not _may_be_sent(tenant, order):
        return
    order = _as_edited(tenant, order)
    conversation = selectors.get_conversation(tenant=tenant, conversation_id=order.conversation)
    if order.text:
        _send(tenant, order, None)
        said = texts.only_words_sent(error.public_message)
    else:
        _note_unsent(tenant, order, Reason.CONTENT)
        said = texts.file_not_sent(error.public_message)
    told_of = order.album or order.message_id
    notices.answer_once(tenant, conversation, f"file:{error.code}:{told_of}", Post(text=said))


def tell_late(tenant: Tenant, order: FileToFetch) -> None:
    """Say once in the topic that a file has not come yet, if it is for the customer at all."""
    if _is_sent(tenant, order) or not _may_be_sent(tenant, order):
        return
    conversation = selectors.get_conversation(tenant=tenant, conversation_id=order.conversation)
    key = f"telegram:late:{order.channel}:{order.chat_id}:{order.message_id}"
    late = effects.notice(tenant, conversation, Post(text=texts.FILE_LATE), key)
    outbox.enqueue(tenant=tenant, effects=[late])


def _may_be_sent(tenant: Tenant, order: FileToFetch) -> bool:
    """Whether it is still for the customer, and the conversation there and not blocked.

    That it was claimed is known from when the agent sent it: a closing since keeps nothing back.
    """
    try:
        conversation = selectors.lock_conversation(
            tenant=tenant, conversation_id=order.conversation
        )
        selectors.get_agent_by_id(tenant=tenant, agent_id=order.agent)
    except (ConversationNotFound, AgentNotFound):
        return False
    if _was_withdrawn(tenant, order):
        return False
    if notices.is_album_aside(tenant, conversation, order.album):
        _note_unsent(tenant, order, Reason.REMARK)
        return False
    if conversation.status != Status.BLOCKED:
        return True
    _note_unsent(tenant, order, Reason.STATE)
    notices.answer_state(tenant, conversation, ("blocked", Post(text=texts.BLOCKED)))
    return False


def _as_edited(tenant: Tenant, order: FileToFetch) -> FileToFetch:
    """With the words that the message has now; the conversation is locked.

    Those that have come after it: no edit is kept so once the file was shown.
    """
    edits = outbox_selectors.list_of_key(
        tenant=tenant,
        kind=kinds.CHANGE_CAPTION.name,
        ordering_key=effects.ordering_key(order.conversation, "files"),
    )
    message = (order.channel, order.chat_id, order.message_id)
    for caption in (msgspec.convert(item.payload, Caption) for item in reversed(edits)):
        if (caption.channel, caption.chat_id, caption.message_id) == message:
            return msgspec.structs.replace(order, text=caption.text)
    return order


def _was_withdrawn(tenant: Tenant, order: FileToFetch) -> bool:
    """Whether the agent has made its caption a remark or a command since."""
    return UnsentMessage.objects.filter(
        tenant=tenant,
        channel_id=order.channel,
        chat_id=order.chat_id,
        telegram_message_id=order.message_id,
        reason__in=[Reason.REMARK, Reason.COMMAND, Reason.UNKNOWN_COMMAND],
    ).exists()


def _send(tenant: Tenant, order: FileToFetch, file: StoredFile | None) -> None:
    files = [] if file is None else [file]
    message = conversations.add_agent_reply(
        tenant=tenant,
        conversation_id=order.conversation,
        agent=_agent(tenant, order),
        text=order.text,
        files=[services.described(one) for one in files],
        was_claimed=True,
    )
    services.attach(tenant=tenant, files=files, message=message)
    sql.link_message(
        tenant_id=tenant.pk,
        channel_id=order.channel,
        chat_id=order.chat_id,
        telegram_message_id=order.message_id,
        message_id=message.pk,
    )


def _agent(tenant: Tenant, order: FileToFetch) -> Agent:
    return selectors.get_agent_by_id(tenant=tenant, agent_id=order.agent)


def _is_sent(tenant: Tenant, order: FileToFetch) -> bool:
    """Whether the customer has it already: an attempt may be recorded twice."""
    return MessageLink.objects.filter(
        tenant=tenant,
        channel_id=order.channel,
        chat_id=order.chat_id,
        telegram_message_id=order.message_id,
    ).exists()


def _note_unsent(tenant: Tenant, order: FileToFetch, reason: Reason) -> None:
    sql.note_unsent(
        tenant_id=tenant.pk,
        channel_id=order.channel,
        chat_id=order.chat_id,
        telegram_message_id=order.message_id,
        conversation_id=order.conversation,
        reason=reason,
        words_hash=hash_of(order.text),
        remark_id=None,
    )
