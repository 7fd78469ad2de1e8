"""What an agent writes in a conversation's topic: a command, an answer, or what cannot be sent."""

from dataclasses import replace

import structlog

from channels_telegram import sql, texts
from channels_telegram.channels import DecryptedChannel, usernames
from channels_telegram.inbound import commands, files, remarks, unsent
from channels_telegram.inbound.commands import Command
from channels_telegram.inbound.situation import InTopic, Replied
from channels_telegram.inbound.unsent import Reason
from channels_telegram.outgoing import notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.updates import Message
from conversations import services
from conversations.errors import ConversationNotClaimed, NotTheClaimer

logger = structlog.get_logger(__name__)


def on_message(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    """Keep the remark, do what the command says, send words and files, or say why they are not."""
    tenant, conversation = situation.tenant, situation.conversation
    remark = remarks.remark_in(tenant, message)
    if remark is not None:
        remarks.keep(situation, channel, message, remark)
        return
    command = commands.parse_command(message.words)
    if command is not None:
        run(situation, channel, message, command)
        return
    if notices.is_album_aside(tenant, conversation, message.media_group_id):
        refuse(situation, channel, message, Reason.REMARK)
        return
    # A closing or a take-over at this moment is before or after all of this. What
    # stores a text looks again itself, which saves the most usual message a look.
    if message.text is None:
        situation = situation.locked()
    try:
        _answer(situation, channel, message)
    except (ConversationNotClaimed, NotTheClaimer):
        _answer(situation.locked(), channel, message)


def _answer(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    tenant, conversation = situation.tenant, situation.conversation
    refusal = notices.refusal_of(tenant, conversation, agent=situation.agent)
    if refusal is not None:
        refuse(situation, channel, message, Reason.STATE)
        notices.answer_state(tenant, conversation, refusal)
    elif files.take(situation, channel, message):
        tell_of_addresses(situation, message)
    elif not message.words:
        refuse(situation, channel, message, Reason.CONTENT)
        notices.answer_content(tenant, conversation, message)
    else:
        send(situation, channel, message)


def run(situation: InTopic, channel: DecryptedChannel, message: Message, command: Command) -> None:
    """Do what a command says, or say that there is no such command."""
    reason = Reason.COMMAND
    if command.is_for_another_bot(usernames(situation.tenant)):
        # Not ours to do, and nothing for the customer either.
        logger.info("command_for_another_bot")
    else:
        commands.run_in_topic(_with_replied(situation, channel, message), command)
        reason = Reason.COMMAND if commands.is_known(command) else Reason.UNKNOWN_COMMAND
    # Noted afterwards: a note's foreign key shares a lock on the conversation, which a command
    # takes for itself alone. Two commands that share it first wait for each other.
    notices.set_album_aside(situation.tenant, situation.conversation, message)
    refuse(situation, channel, message, reason)


def _with_replied(situation: InTopic, channel: DecryptedChannel, message: Message) -> InTopic:
    replied = message.replies_to
    if replied is None:
        return situation
    is_bots = replied.sender is not None and replied.sender.is_bot
    return replace(
        situation, replied=Replied(channel.id, message.chat.id, replied.message_id, is_bots)
    )


def send(
    situation: InTopic,
    channel: DecryptedChannel,
    message: Message,
    *,
    announces_caption: bool = True,
) -> None:
    """Send the words to the customer; later edits of the message change them there.

    `announces_caption`: the topic is told that of other content only the words are sent.
    """
    stored = services.add_agent_reply(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        agent=situation.agent,
        text=message.words,
    )
    sql.link_message(
        tenant_id=situation.tenant.pk,
        channel_id=channel.id,
        chat_id=message.chat.id,
        telegram_message_id=message.message_id,
        message_id=stored.pk,
    )
    if message.text is None and announces_caption:
        notices.answer_caption(situation.tenant, situation.conversation, message)
    tell_of_addresses(situation, message)


def tell_of_addresses(situation: InTopic, message: Message) -> None:
    """Say in the topic that the customer reads the words without the address of some link."""
    if not message.has_all_addresses:
        situation.answer_once(notices.ADDRESSES, Post(text=texts.ADDRESSES_LEFT_OUT))


def refuse(situation: InTopic, channel: DecryptedChannel, message: Message, reason: Reason) -> None:
    """Note that the message did not reach the customer."""
    unsent.note(situation.tenant, situation.conversation, channel, message, reason)
