"""What an agent's edit does: it changes what was sent, and may send what was not.

Only content that could not be shown is sent by an edit, once it gets words: the state of the
conversation let it through. Words that the state has kept back may be a remark among colleagues:
no edit sends them, and the topic is told so.
"""

from channels_telegram import texts
from channels_telegram.channels import DecryptedChannel, usernames
from channels_telegram.inbound import agent_messages, commands, files, remarks
from channels_telegram.inbound.situation import InTopic
from channels_telegram.inbound.unsent import Reason, find, hash_of
from channels_telegram.models import MessageLink, UnsentMessage
from channels_telegram.outgoing import notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.updates import Message
from conversations import services
from conversations.errors import MessageNotFound
from conversations.models import Conversation
from conversations.services.messaging import agent_actor
from tenants.models import Tenant

# An edit of an older message corrects something; it does not answer the customer.
SENDS_WITHIN_SECONDS = 15 * 60


def find_link(tenant: Tenant, channel: DecryptedChannel, message: Message) -> MessageLink | None:
    """What the message has become, if it was sent to a customer."""
    return (
        MessageLink.objects.select_related("message")
        .filter(
            tenant=tenant,
            channel_id=channel.id,
            chat_id=message.chat.id,
            telegram_message_id=message.message_id,
        )
        .first()
    )


def conversation_of(tenant: Tenant, link: MessageLink) -> Conversation:
    """The conversation that the message was sent in, whose topic it need not be any more."""
    return Conversation.objects.get(tenant=tenant, messages=link.message_id)


def change_sent(situation: InTopic, link: MessageLink, message: Message) -> None:
    """Show the customer the new words; none at all, a command or a remark change nothing.

    Nor does another file: what Telegram reports then are the words, as they were.
    """
    sent = link.message
    if sent.deleted_at is not None:
        situation.answer_once(notices.EDIT_OF_DELETED, Post(text=texts.EDIT_OF_DELETED))
        return
    if message.text is None and sent.attachments and message.words == sent.text:
        situation.answer_once(notices.EDIT_OF_FILE, Post(text=texts.FILE_NOT_REPLACED))
        return
    is_remark = remarks.remark_in(situation.tenant, message) is not None
    if is_remark:
        # Too late for this item of an album, but not for those that are still on their way.
        notices.set_album_aside(situation.tenant, situation.conversation, message)
    if not message.words or is_remark or commands.parse_command(message.words) is not None:
        situation.answer_once(notices.EDIT_NOT_SHOWN, Post(text=texts.EDIT_NOT_SHOWN))
        return
    try:
        services.edit_agent_reply(
            tenant=situation.tenant,
            message_id=link.message_id,
            text=message.words,
            actor=agent_actor(situation.agent),
        )
    except MessageNotFound:
        situation.answer_once(notices.EDIT_OF_DELETED, Post(text=texts.EDIT_OF_DELETED))
        return
    agent_messages.tell_of_addresses(situation, message)


def on_unsent(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    """The agent edits what has not reached the customer: send it, do it, or say that it is not.

    What was sent while this waited for the lock is changed like anything that was sent. The words
    of a file that is still being fetched are those that it is sent with.
    """
    situation = situation.locked()
    link = find_link(situation.tenant, channel, message)
    if link is not None:
        change_sent(situation, link, message)
        return
    noted = find(situation.tenant, situation.conversation, channel, message)
    if noted is not None and noted.words_hash == hash_of(message.words):
        # A link preview, a live location, a vote: the words are the same.
        return
    is_on_its_way = noted is None and files.is_being_fetched(situation, channel, message)
    remark = remarks.remark_in(situation.tenant, message)
    if remark is not None:
        remarks.keep(situation, channel, message, remark, noted)
    elif commands.parse_command(message.words) is not None or _was_command(noted):
        reason = Reason.CONTENT if is_on_its_way else _reason_of(noted)
        _into_or_from_command(situation, channel, message, reason)
    elif is_on_its_way:
        files.change_words(situation, channel, message)
        agent_messages.tell_of_addresses(situation, message)
    elif message.words:
        _new_words(situation, channel, message, noted)
    elif noted is not None:
        agent_messages.refuse(situation, channel, message, Reason(noted.reason))


def _new_words(
    situation: InTopic, channel: DecryptedChannel, message: Message, noted: UnsentMessage | None
) -> None:
    refusal = notices.refusal_of(situation.tenant, situation.conversation, agent=situation.agent)
    if refusal is not None:
        _keep_back(situation, channel, message, noted, Reason.STATE)
        notices.answer_state(situation.tenant, situation.conversation, refusal)
    elif noted is not None and noted.reason == Reason.CONTENT and _is_recent(message):
        noted.delete()
        agent_messages.send(situation, channel, message, announces_caption=False)
        # Each time: agents have to know of everything that an edit sends.
        is_text = message.text is not None
        situation.answer(Post(text=texts.EDIT_SENT if is_text else texts.ONLY_CAPTION_SENT))
    else:
        _keep_back(situation, channel, message, noted, Reason.CONTENT)
        situation.answer_once(notices.EDIT_UNSENT, Post(text=texts.EDIT_UNSENT))


def refuse_anonymous(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    """The edited words are those of an anonymous admin, who may not answer."""
    situation = situation.locked()
    noted = find(situation.tenant, situation.conversation, channel, message)
    _keep_back(situation, channel, message, noted, Reason.ANONYMOUS)


def _keep_back(
    situation: InTopic,
    channel: DecryptedChannel,
    message: Message,
    noted: UnsentMessage | None,
    reason: Reason,
) -> None:
    """Note the new words. The earlier reason stays, unless it would let a later edit send them."""
    if noted is not None:
        kept = reason if noted.reason == Reason.CONTENT else Reason(noted.reason)
        agent_messages.refuse(situation, channel, message, kept)


def _into_or_from_command(
    situation: InTopic, channel: DecryptedChannel, message: Message, reason: Reason | None
) -> None:
    """A slip in a command is corrected by an edit; what was done is not done again.

    `reason` says why the message was not sent; None where nothing is known of it.
    """
    command = commands.parse_command(message.words)
    if command is None or reason is None or reason == Reason.COMMAND:
        is_ours = command is None or not command.is_for_another_bot(usernames(situation.tenant))
        if reason is not None:
            agent_messages.refuse(situation, channel, message, reason)
        if is_ours:
            situation.answer_once(notices.EDIT_OF_COMMAND, Post(text=texts.EDIT_OF_COMMAND))
    elif _is_recent(message):
        agent_messages.run(situation, channel, message, command)
    else:
        kept = Reason.UNKNOWN_COMMAND if reason == Reason.CONTENT else reason
        agent_messages.refuse(situation, channel, message, kept)
        situation.answer_once(notices.EDIT_OF_COMMAND, Post(text=texts.EDIT_OF_COMMAND))


def _was_command(noted: UnsentMessage | None) -> bool:
    return noted is not None and noted.reason in (Reason.COMMAND, Reason.UNKNOWN_COMMAND)


def _reason_of(noted: UnsentMessage | None) -> Reason | None:
    return None if noted is None else Reason(noted.reason)


def _is_recent(message: Message) -> bool:
    return 0 <= message.edit_date - message.date <= SENDS_WITHIN_SECONDS
