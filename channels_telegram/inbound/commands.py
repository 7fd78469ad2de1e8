"""What agents can type: a command, its argument, what it does."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from channels_telegram import texts
from channels_telegram.channels import find_channel
from channels_telegram.inbound import assigning, deleting
from channels_telegram.inbound.situation import InTopic
from channels_telegram.outgoing import effects, notices
from channels_telegram.outgoing.effects import Post
from channels_telegram.setting_keys import REMARK_PREFIX
from channels_telegram.visitor_posts import visitor_post
from conversations import selectors, services, validation
from conversations.bans import services as bans
from conversations.earlier import list_others
from conversations.errors import (
    AlreadyClaimed,
    ConversationNotClaimable,
    InvalidCodename,
    InvalidNote,
    InvalidText,
    TextTooLong,
)
from conversations.models import Agent, Status
from conversations.services.messaging import agent_actor
from conversations.setting_keys import SUPPORT_LABEL
from conversations.socket.presence import read_presence
from conversations.visitors.selectors import find_visitor
from kernel.clock import now_ms
from kernel.errors import InvalidParameter
from kernel.text import from_first_visible, split_utf16
from outbox import services as outbox
from templates_i18n import selectors as templates
from templates_i18n.locales import require_locale
from tenants.models import Tenant

# Agents type with blanks in front, in capitals, or with the bot's name: all of it is a command.
_COMMAND = re.compile(r"/([^\s@]*)(?:@(\S*))?\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed command; `name` in lower case without the slash, `bot` as typed after an `@`."""

    name: str
    argument: str
    bot: str = ""

    def is_for_another_bot(self, usernames: Collection[str]) -> bool:
        """Whether it names a bot that is none of ours, as far as we know our own names."""
        return bool(self.bot and usernames) and self.bot.lower() not in usernames


def parse_command(text: str) -> Command | None:
    """The command in a text that starts with `/`, or None for a text that does not.

    Invisible characters, as pasting brings them, do not hide a command.
    """
    match = _COMMAND.fullmatch(from_first_visible(text))
    if match is None:
        return None
    return Command(match.group(1).lower(), match.group(3).strip(), match.group(2) or "")


def is_known(command: Command) -> bool:
    """Whether there is such a command in topics."""
    return command.name in _IN_TOPIC


def run_in_topic(situation: InTopic, command: Command) -> None:
    """Do what the command says, or say that there is no such command."""
    action = _IN_TOPIC.get(command.name)
    if action is None:
        notices.answer_unknown_command(situation.tenant, situation.conversation, command.name)
        return
    action(situation, command.argument)


def run_in_general(tenant: Tenant, agent: Agent, command: Command, *, idempotency_key: str) -> None:
    """The few commands of the group's root; everything else there is none of our business."""
    if command.name == "help":
        text = texts.HELP_IN_GENERAL
    elif command.name in ("myname", "whoami"):
        text = texts.my_name(agent, tenant.setting(SUPPORT_LABEL))
    elif command.name == "myid":
        text = texts.my_id(agent)
    else:
        return
    effect = effects.post_in_general(
        tenant, text, idempotency_key=idempotency_key, is_silent=texts.is_silent(tenant)
    )
    outbox.enqueue(tenant=tenant, effects=[effect])


def claim(situation: InTopic, *, take_over: bool = False) -> str:
    """Take the conversation for the agent, a closed one too; returns what to answer the agent.

    When another agent has it, the topic says so, with a button to take it over: once to all who
    try, until more is said or another agent has it.
    """
    tenant, conversation, agent = situation.tenant, situation.conversation, situation.agent
    had_it = conversation.is_claimed and conversation.assigned_agent_id == agent.pk
    try:
        claimed = services.claim_conversation(
            tenant=tenant,
            conversation_id=conversation.pk,
            agent=agent,
            take_over=take_over,
            reopens=True,
        )
    except ConversationNotClaimable:
        return texts.BLOCKED_CANNOT_CLAIM
    except AlreadyClaimed as error:
        holder = texts.held_by(str(error.context.get("holder", "")))
        held = selectors.get_conversation(tenant=tenant, conversation_id=conversation.pk)
        keyboard = texts.take_over_keyboard(conversation.pk)
        # Twenty agents may try in the same second.
        key = f"telegram:held:{held.pk}:{held.claimed_at:%Y%m%d%H%M%S%f}:{held.last_seq}"
        situation.answer(Post(text=holder, keyboard=keyboard), key)
        return holder
    if had_it and claimed.claimed_at == conversation.claimed_at:
        return texts.CLAIMED_ALREADY_YOURS
    return texts.claimed(agent, None)


def close(situation: InTopic) -> str:
    """Close the conversation; returns what to tell whoever pressed the button."""
    is_done = services.close_conversation(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        actor=agent_actor(situation.agent),
    )
    if is_done:
        return texts.closed_by(situation.agent.internal_name)
    is_blocked = situation.conversation.status == Status.BLOCKED
    return texts.BLOCKED_CANNOT_CLOSE if is_blocked else texts.CLOSED_ALREADY


def _claim(situation: InTopic, _argument: str) -> None:
    told = claim(situation)
    if told in (texts.CLAIMED_ALREADY_YOURS, texts.BLOCKED_CANNOT_CLAIM):
        situation.answer(Post(text=told))


def _close(situation: InTopic, _argument: str) -> None:
    told = close(situation)
    if told in (texts.CLOSED_ALREADY, texts.BLOCKED_CANNOT_CLOSE):
        situation.answer(Post(text=told))


def _note(situation: InTopic, argument: str) -> None:
    """Keep a note; alone, or with a dash as in earlier versions, take it away."""
    former = situation.conversation.about_note
    if argument in ("", "-") and not former:
        situation.answer(Post(text=texts.NOTE_EMPTY))
        return
    try:
        note = validation.note("" if argument == "-" else argument)
    except InvalidNote:
        situation.answer(Post(text=texts.NOTE_TOO_LONG))
        return
    services.change_note(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        note=note,
        actor=agent_actor(situation.agent),
    )
    situation.answer(Post(text=texts.NOTE_SAVED if note else texts.note_removed(former)))


def _show_note(situation: InTopic, _argument: str) -> None:
    situation.answer(Post(text=situation.conversation.about_note or texts.NOTE_EMPTY))


def _visitor(situation: InTopic, _argument: str) -> None:
    tenant, conversation = situation.tenant, situation.conversation
    found = read_presence(tenant_id=tenant.pk, conversation_id=conversation.pk)
    visitor = find_visitor(conversation=conversation)
    told = visitor_post(visitor, conversation, now=now_ms()).after(texts.presence(found))
    situation.answer(Post(text=told.text, code_from=told.code_from))


def _codename(situation: InTopic, argument: str) -> None:
    try:
        codename = validation.codename(argument)
    except InvalidCodename:
        situation.answer(Post(text=texts.CODENAME_INVALID))
        return
    services.change_codename(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        codename=codename,
        actor=agent_actor(situation.agent),
    )
    situation.answer(Post(text=texts.codename_is(codename)))


def _saved_reply(situation: InTopic, argument: str) -> None:
    """Send what the tenant has saved under a name; alone, list the names."""
    tenant, conversation, agent = situation.tenant, situation.conversation, situation.agent
    if not argument:
        names = templates.names_of_saved_replies(tenant=tenant)
        situation.answer(Post(text=texts.saved_replies(names)))
        return
    saved = templates.find_saved_reply(tenant=tenant, name=argument, locale=conversation.locale)
    if saved is None:
        situation.answer(Post(text=texts.NO_SAVED_REPLY))
        return
    conversation = situation.locked().conversation
    refusal = notices.refusal_of(tenant, conversation, agent=agent)
    if refusal is not None:
        notices.answer_state(tenant, conversation, refusal)
        return
    name = selectors.name_on_reply(conversation=conversation, sender=agent)
    variables = selectors.template_variables(
        tenant=tenant, conversation=conversation, agent_name=name
    )
    try:
        text = validation.message_text(templates.render(saved.text, variables))
    except TextTooLong:
        situation.answer(Post(text=texts.SAVED_REPLY_TOO_LONG))
        return
    except InvalidText:
        situation.answer(Post(text=texts.SAVED_REPLY_EMPTY))
        return
    services.add_agent_reply(tenant=tenant, conversation_id=conversation.pk, agent=agent, text=text)
    for piece in split_utf16(texts.sent(text), texts.MAX_POST):
        situation.answer(Post(text=piece))


def _delete(situation: InTopic, _argument: str) -> None:
    situation.answer(Post(text=deleting.delete(situation)))


def _ban(situation: InTopic, _argument: str) -> None:
    until = bans.ban_customer(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        actor=agent_actor(situation.agent),
    )
    situation.answer(Post(text=texts.banned(until)))


def _unban(situation: InTopic, _argument: str) -> None:
    is_done = bans.unban_customer(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        actor=agent_actor(situation.agent),
    )
    if not is_done:
        situation.answer(Post(text=texts.NOT_BANNED))
        return
    keyboard = texts.claim_keyboard(situation.conversation.pk)
    situation.answer(Post(text=texts.UNBANNED, keyboard=keyboard))


def _assign(situation: InTopic, argument: str) -> None:
    told = assigning.assign(situation, argument)
    if told:
        situation.answer(Post(text=told))


def _language(situation: InTopic, argument: str) -> None:
    """Say, or change, in which language system messages and saved replies are."""
    if not argument:
        situation.answer(Post(text=texts.language_is(situation.conversation.locale)))
        return
    try:
        locale = require_locale(argument)
    except InvalidParameter:
        situation.answer(Post(text=texts.LANGUAGE_INVALID))
        return
    services.change_locale(
        tenant=situation.tenant,
        conversation_id=situation.conversation.pk,
        locale=locale,
        actor=agent_actor(situation.agent),
    )
    situation.answer(Post(text=texts.language_is(locale)))


def _history(situation: InTopic, _argument: str) -> None:
    others = list_others(conversation=situation.conversation)
    found = list(others[: texts.MAX_EARLIER + 1])
    channel = find_channel(tenant=situation.tenant)
    situation.answer(Post(text=texts.earlier(found, channel)))


def _help(situation: InTopic, _argument: str) -> None:
    prefix = situation.tenant.setting(REMARK_PREFIX)
    situation.answer(Post(text=texts.help_in_topic(prefix)))


def _my_name(situation: InTopic, _argument: str) -> None:
    label = situation.tenant.setting(SUPPORT_LABEL)
    situation.answer(Post(text=texts.my_name(situation.agent, label)))


def _my_id(situation: InTopic, _argument: str) -> None:
    situation.answer(Post(text=texts.my_id(situation.agent)))


_IN_TOPIC: dict[str, Callable[[InTopic, str], None]] = {
    "claim": _claim,
    "close": _close,
    "note": _note,
    "shownote": _show_note,
    "visitor": _visitor,
    "codename": _codename,
    "del": _delete,
    "assign": _assign,
    "lang": _language,
    "history": _history,
    "who": _visitor,
    "ban": _ban,
    "unban": _unban,
    "r": _saved_reply,
    "help": _help,
    "myname": _my_name,
    "whoami": _my_name,
    "myid": _my_id,
}
