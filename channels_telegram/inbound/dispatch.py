"""What an update does. Runs in the tenant's scope; each update acts once."""

import structlog

from channels_telegram import metrics, services, sql, texts, watching
from channels_telegram.channels import DecryptedChannel, TopicId, list_bots, usernames
from channels_telegram.inbound import agent_messages, commands, edits, once, strays
from channels_telegram.inbound.situation import InTopic
from channels_telegram.inbound.unsent import Reason
from channels_telegram.outgoing import effects, notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.setting_keys import ALLOW_ANONYMOUS
from channels_telegram.topics import former_topics, topic_records
from channels_telegram.updates import ANONYMOUS_ADMIN_ID, CallbackQuery, Message, Update, User
from conversations import selectors
from conversations import services as conversation_services
from conversations.models import Agent, Conversation, Status
from conversations.services.messaging import agent_actor
from kernel.database import is_outage
from outbox import services as outbox
from tenants.models import Tenant

logger = structlog.get_logger(__name__)


class UpdateFailed(Exception):
    """Something unexpected came up: whatever the update has done must be taken back.

    It costs this update only. Telegram would repeat a refused one for a day, and hold the whole
    group back meanwhile; so it is noted as failed and answered as done.
    """

    def __init__(self, channel: DecryptedChannel, update: Update) -> None:
        super().__init__(f"update {update.update_id} failed")
        self.channel = channel
        self.update = update


def act_once(*, tenant: Tenant, channel: DecryptedChannel, update: Update) -> bool:
    """Let an update act, unless it has acted before; True when it acted now.

    Raises UpdateFailed for what nobody expected, to be caught outside the scope so that the scope
    takes everything back. A database that is away raises its own error: Telegram shall repeat.
    """
    if not once.is_first_time(tenant, channel, update):
        return False
    try:
        _act(tenant, channel, update)
    except Exception as error:
        if is_outage(error):
            raise
        raise UpdateFailed(channel, update) from error
    return True


def note_failed(*, tenant: Tenant, failure: UpdateFailed) -> None:
    """Remember the update as one that has failed, so that its repetitions do nothing."""
    once.note_failed(tenant, failure.channel, failure.update)


def _act(tenant: Tenant, channel: DecryptedChannel, update: Update) -> None:
    message, edited, press = update.message, update.edited_message, update.callback_query
    said = message or edited
    if said is not None and said.chat.id == channel.chat_id:
        has_topics = said.chat.is_forum or said.is_topic_message
        watching.note_sight(tenant=tenant, channel=channel, has_topics=has_topics)
    if message is not None and message.migrate_from_chat_id is not None:
        _on_move(tenant, message.migrate_from_chat_id, message.chat.id)
    elif message is not None and message.migrate_to_chat_id is not None:
        _on_move(tenant, message.chat.id, message.migrate_to_chat_id)
    elif message is not None and _is_ours(tenant, channel, message.chat.id):
        _on_message(tenant, channel, message)
    elif edited is not None and _is_ours(tenant, channel, edited.chat.id):
        _on_edit(tenant, channel, edited)
    elif press is not None:
        _on_button(tenant, channel, press)
    elif update.my_chat_member is not None and update.my_chat_member.chat.id == channel.chat_id:
        watching.hear(
            tenant=tenant,
            channel=channel,
            update_id=update.update_id,
            change=update.my_chat_member,
        )
    else:
        metrics.IGNORED_MESSAGES.labels("other_update").inc()
        logger.info("update_ignored", update_id=update.update_id)


def _on_move(tenant: Tenant, old_chat_id: int, new_chat_id: int) -> None:
    """Both groups report an upgrade. Nothing happens when it is adopted, or is another group's."""
    services.adopt_new_group(tenant_id=tenant.pk, old_chat_id=old_chat_id, new_chat_id=new_chat_id)


def _is_ours(tenant: Tenant, channel: DecryptedChannel, chat_id: int) -> bool:
    """Whether it is the channel's group, now or before it was upgraded."""
    return chat_id == channel.chat_id or former_topics.is_former_group(
        tenant=tenant, channel=channel, chat_id=chat_id
    )


# --- messages --------------------------------------------------------------------------------


def _on_message(tenant: Tenant, channel: DecryptedChannel, message: Message) -> None:
    if message.sender_id in [bot.bot_id for bot in list_bots(tenant=tenant)]:
        _on_own_message(tenant, channel, message)
        return
    sender = _human_sender(message)
    if sender is None:
        strays.on_message_of_nobody(tenant, channel, message)
        return
    if message.topic_id is None:
        _in_general(tenant, channel, message, sender)
        return
    conversation = former_topics.find_conversation(tenant=tenant, channel=channel, message=message)
    if conversation is None:
        strays.on_message_in_unknown_topic(tenant, channel, message)
        return
    is_report = not message.has_content
    if is_report and not (message.is_closing or message.is_reopening):
        strays.ignore(message, "without_content")
        return
    situation = InTopic(tenant, conversation, _see(tenant, sender))
    if _may_not_answer(tenant, sender):
        if not is_report:
            agent_messages.refuse(situation, channel, message, Reason.ANONYMOUS)
            situation.answer_once(notices.ANONYMOUS, Post(text=texts.ANONYMOUS_NOT_ALLOWED))
    elif is_report:
        _on_service_message(situation, channel, message)
    else:
        agent_messages.on_message(situation, channel, message)


def _may_not_answer(tenant: Tenant, sender: User) -> bool:
    return sender.id == ANONYMOUS_ADMIN_ID and not tenant.setting(ALLOW_ANONYMOUS)


def _on_own_message(tenant: Tenant, channel: DecryptedChannel, message: Message) -> None:
    """Of what our own bots have done, Telegram reports service messages; one of them is news."""
    assert message.sender is not None
    if message.forum_topic_created is not None and message.topic_id is not None:
        topic_records.recognise_topic(
            tenant=tenant,
            topic=TopicId(channel.id, message.chat.id, message.topic_id),
            title=message.forum_topic_created.name,
            bot_id=message.sender.id,
        )


def _human_sender(message: Message) -> User | None:
    """The person who wrote, or None for bots and channels."""
    sender = message.sender
    if message.sender_chat is not None:
        is_anonymous_admin = (
            message.sender_chat.id == message.chat.id
            and sender is not None
            and sender.id == ANONYMOUS_ADMIN_ID
        )
        if not is_anonymous_admin:
            return None
        return User(id=ANONYMOUS_ADMIN_ID, first_name="Anonymous admin")
    if sender is None or sender.is_bot:
        return None
    return sender


def _see(tenant: Tenant, user: User) -> Agent:
    return conversation_services.see_agent(
        tenant=tenant,
        channel_user_id=str(user.id),
        channel_name=user.full_name,
        is_anonymous=user.id == ANONYMOUS_ADMIN_ID,
    )


def _in_general(tenant: Tenant, channel: DecryptedChannel, message: Message, sender: User) -> None:
    command = commands.parse_command(message.text or "")
    is_answerable = message.chat.id == channel.chat_id
    if command is None or command.is_for_another_bot(usernames(tenant)) or not is_answerable:
        strays.ignore(message, "general")
        return
    key = f"telegram:general:{message.chat.id}:{message.message_id}"
    commands.run_in_general(tenant, _see(tenant, sender), command, idempotency_key=key)


def _on_service_message(situation: InTopic, channel: DecryptedChannel, message: Message) -> None:
    """Closing and reopening by Telegram's own menu mean the same as ours."""
    tenant, conversation = situation.tenant, situation.conversation
    actor = agent_actor(situation.agent)
    assert message.topic_id is not None
    # The conversation before its topic, as wherever both are locked.
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation.pk)
    topic_records.update_topic(
        tenant=tenant,
        conversation_id=conversation.pk,
        topic=TopicId(channel.id, message.chat.id, message.topic_id),
        is_closed=message.is_closing,
    )
    if message.is_closing:
        conversation_services.close_conversation(
            tenant=tenant, conversation_id=conversation.pk, actor=actor
        )
    elif conversation.status == Status.BLOCKED:
        situation.answer_once(notices.REOPEN_BLOCKED, Post(text=texts.BLOCKED_CANNOT_CLAIM))
    else:
        conversation_services.reopen_conversation(
            tenant=tenant, conversation_id=conversation.pk, actor=actor
        )


def _on_edit(tenant: Tenant, channel: DecryptedChannel, message: Message) -> None:
    """What was sent changes for the customer, wherever its topic belongs to by now."""
    sender = _human_sender(message)
    if sender is None:
        strays.on_message_of_nobody(tenant, channel, message)
        return
    link = edits.find_link(tenant, channel, message)
    conversation = None
    if link is not None:
        conversation = edits.conversation_of(tenant, link)
    elif message.topic_id is not None and message.has_content:
        conversation = former_topics.find_conversation(
            tenant=tenant, channel=channel, message=message
        )
        if conversation is None:
            strays.on_message_in_unknown_topic(tenant, channel, message)
            return
    if conversation is None:
        strays.ignore(message, "edit")
        return
    situation = InTopic(tenant, conversation, _see(tenant, sender))
    if _may_not_answer(tenant, sender):
        if link is None:
            edits.refuse_anonymous(situation, channel, message)
        situation.answer_once(notices.ANONYMOUS, Post(text=texts.ANONYMOUS_NOT_ALLOWED))
    elif link is not None:
        edits.change_sent(situation, link, message)
    else:
        edits.on_unsent(situation, channel, message)


# --- buttons ---------------------------------------------------------------------------------


def _on_button(tenant: Tenant, channel: DecryptedChannel, query: CallbackQuery) -> None:
    message = query.message
    if message is None or query.sender.is_bot or not _is_ours(tenant, channel, message.chat.id):
        # Not ours to act on, but whoever pressed should not look at a spinner.
        logger.info("button_of_another_place")
        told = texts.BUTTON_OUTDATED
    else:
        told = _press(tenant, channel, query, message)
    outbox.enqueue(tenant=tenant, effects=[effects.answer_button(channel, query.id, told)])


def _press(
    tenant: Tenant, channel: DecryptedChannel, query: CallbackQuery, message: Message
) -> str:
    """Do what the button says; returns what to tell whoever pressed it.

    A client can send any data, so the conversation must be the one whose topic the button is in.
    """
    action, _, claimed_id = query.data.partition(":")
    conversation = _conversation_of_button(tenant, channel, message)
    if conversation is None or claimed_id != str(conversation.pk):
        return texts.BUTTON_OUTDATED
    situation = InTopic(tenant, conversation, _see(tenant, query.sender))
    if action == "claim":
        return commands.claim(situation)
    if action == "takeover":
        return commands.claim(situation, take_over=True)
    if action == "close":
        return commands.close(situation)
    return texts.BUTTON_OUTDATED


def _conversation_of_button(
    tenant: Tenant, channel: DecryptedChannel, message: Message
) -> Conversation | None:
    if message.topic_id is None:
        return None
    if message.chat.id != channel.chat_id:
        # Pressed before the group was upgraded.
        return former_topics.find_conversation(tenant=tenant, channel=channel, message=message)
    # The message says when it was posted, not when it was pressed: a former topic counts no more.
    topic = channel.topic(message.topic_id)
    return sql.find_of_topic(tenant_id=tenant.pk, topic=topic)
