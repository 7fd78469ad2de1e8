"""What the bot says to agents, and how conversations are titled. English, as the commands are."""

import re
from collections.abc import Sequence
from datetime import datetime

from channels_telegram.bot_api import Keyboard
from channels_telegram.channels import DecryptedChannel
from channels_telegram.lookalikes import reads_as_by_api
from channels_telegram.setting_keys import IS_SILENT
from conversations.models import Agent, Conversation
from conversations.socket.presence import Presence, PresenceState
from conversations.visitors.wording import language_in_words
from kernel.text import is_visible
from tenants.models import Tenant
from tenants.plan_limits import Limit

MAX_TITLE = 128
MAX_POST = 4096
_MAX_LISTED = 3500
MAX_CAPTION = 1024
# Of a customer's conversations, the newest ones are listed.
MAX_EARLIER = 10
_JOINT = " — "
_NOTE_MARK = f"{_JOINT}📝"
_UNTITLED = "Conversation"
_BLANKS_IN_TITLES = re.compile(
    "[\x00-\x20\u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u2800\u3000\ufffc\U000e0000-\U000e007f]+"
)
_DROPPED_IN_TITLES = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")

COMMANDS = {
    "claim": "Take this conversation",
    "close": "Close this conversation",
    "note": "Keep a private note: /note <text>; alone it removes the note",
    "shownote": "Show the private note",
    "visitor": "Show where the customer is",
    "codename": "Change the codename: /codename <text>",
    "del": "Take an answer back: send /del as a reply to it",
    "r": "Send a saved reply: /r <name>; alone it lists them",
    "assign": "Give this conversation to a colleague: /assign <name>",
    "lang": "Change the customer's language: /lang <tag>; alone it shows it",
    "history": "List earlier conversations of the same customer",
    "ban": "Block the customer, and keep them from beginning anew",
    "unban": "Let the customer write again",
    "myname": "Show the name customers see",
    "myid": "Show your Telegram id",
    "help": "Show what you can do here",
}

_HELP_IN_TOPIC = "\n".join(
    (
        "Your messages in a topic go to its customer once the conversation is claimed.",
        "",
        "/claim takes the conversation, and reopens a closed one",
        "/close closes it",
        "/note <text> keeps a private note, /note alone removes it",
        "/shownote shows the note",
        "/visitor or /who shows where the customer is",
        "/codename <text> gives the conversation another name",
        "/r <name> sends a saved reply, /r alone lists them",
        "/del as a reply to an answer takes it back from the customer",
        "/assign <name> gives the conversation to a colleague, /assign alone lists them",
        "/lang <tag> changes the customer's language, /lang alone shows it",
        "/history lists earlier conversations of the same customer",
        "/ban blocks the customer and keeps them from beginning anew, /unban lets them write again",
        "/myname shows the name customers see",
        "/myid shows your Telegram id",
        "{prefix} at the beginning makes a message a remark: only colleagues see it",
    )
)
HELP_IN_GENERAL = (
    "Each customer has a topic of their own in this group. Open one, press Claim and write.\n\n"
    "Here you can use /myname, /myid and /help."
)
NOT_CLAIMED = (
    "Not sent: nobody has claimed this conversation, and nothing written here reaches the customer "
    "until somebody does. Press Claim, then write again."
)
NOT_OPEN = (
    "Not sent: this conversation is closed, and nothing written here reaches the customer. Press "
    "Claim to reopen it, then write again."
)
BLOCKED = "Not sent: this customer is blocked, and nothing written here reaches them."
UNKNOWN_COMMAND = (
    "Not sent: {command} is not a command, and nothing that begins with / reaches the customer. "
    "/help shows what there is."
)
CANNOT_BE_SHOWN = (
    "Not sent: the customer can only see text, none of the pictures, files, stickers or voice "
    "messages here. Please write it instead."
)
KIND_CANNOT_BE_SHOWN = (
    "Not sent: the customer can be shown text, pictures, files, voice messages and videos, but "
    "nothing else. Please write it instead."
)
FILE_LATE = (
    "Not sent yet: a file cannot be fetched at the moment. It is tried again, and the files after "
    "it wait for it; what you write is sent meanwhile."
)
ONLY_CAPTION_SENT = (
    "Only your words were sent: the customer can only see text, not what they are attached to."
)
ADDRESSES_LEFT_OUT = (
    "Sent without the address of some link: with all of them the message would be too long for the "
    "customer. Write the missing address in a message of its own."
)
EDIT_SENT = "Sent: the customer reads the edited message now."
EDIT_UNSENT = (
    "Not sent: the message that was edited has not reached the customer, and editing does not send "
    "it. Write it again to send it."
)
EDIT_NOT_SHOWN = (
    "Not changed: the customer still reads the edited message as it was. An edit can neither empty "
    "a message nor make it a command or a remark."
)
FILE_NOT_REPLACED = (
    "Not changed: the customer still has the file as it was. An edit changes only the words; send "
    "another file as a message of its own."
)
EDIT_OF_COMMAND = "Nothing done: an edited command does nothing. Write it again."
WRITTEN_AS_CHANNEL = (
    "Not sent: messages written as a channel do not reach the customer. Write under your own name."
)
TOPIC_OF_NOBODY = (
    "This topic belongs to no customer: what is written here stays in this group. A customer's "
    "topic begins with a post of mine that has the buttons Claim and Close."
)
ANONYMOUS_NOT_ALLOWED = (
    "Nothing done: anonymous admins may not answer here. Write under your own name."
)
DELETED = "Deleted: the customer does not see this message any more. It stays in this topic."
DELETED_ALREADY = "Nothing done: this message has been deleted already."
FILE_WITHDRAWN = "Not sent: the file was still on its way, and stays here."
DELETE_NOTHING = (
    "Nothing deleted: send /del as a reply to the message that the customer shall not see any more."
)
DELETE_OF_BOTS = (
    "Nothing deleted: this is a post of mine. /del takes back what an agent has written in this "
    "topic, neither a customer's words nor what was sent by a command or by API."
)
DELETE_UNSENT = (
    "Nothing deleted: this message has not reached the customer of this topic. /del takes back "
    "what an agent has written to them, not what was sent by a command."
)
DELETE_ON_HOLD = "Nothing deleted: this conversation is on legal hold, which keeps all of it."
EDIT_OF_DELETED = (
    "Not changed: the edited message was deleted for the customer, and an edit does not bring it "
    "back. Write it again to send it."
)
NO_SAVED_REPLY = "Not sent: there is no saved reply of this name. /r lists them."
SAVED_REPLY_TOO_LONG = (
    "Not sent: with the names filled in, this saved reply is longer than a message may be."
)
SAVED_REPLY_EMPTY = "Not sent: with the names filled in, nothing is left of this saved reply."
NO_SAVED_REPLIES = "There are no saved replies yet. They are written in the console."
BLOCKED_CANNOT_CLAIM = "This customer is blocked."
PRESENCE = {
    PresenceState.HERE: "The customer has the page open.",
    PresenceState.LEFT: "The customer has left the page, at {at:%Y-%m-%d %H:%M} UTC.",
    PresenceState.UNKNOWN: "It is not known whether the customer has the page open.",
}
NOTE_SAVED = "Note saved. Only agents see it."
NOTE_EMPTY = "There is no note yet. Write /note and your text."
NOTE_TOO_LONG = "Not saved: a note can have up to 2000 characters."
NOT_BANNED = "Nothing done: this customer is neither banned nor blocked."
UNBANNED = "The customer may write again. Nobody has this conversation: press Claim to answer."
LANGUAGE_INVALID = "Not changed: write a language tag, such as /lang lv or /lang pt-BR."
NO_EARLIER = (
    "No other conversations of this customer are known. Customers are known again by your page's "
    "identity tokens."
)
CODENAME_INVALID = "Not changed: a codename has 2 to 48 characters, such as /codename Blue Falcon."
CLAIMED_ALREADY_YOURS = "You have this conversation already."
BLOCKED_CANNOT_CLOSE = "This customer is blocked, which ends the conversation too."
CLOSED_ALREADY = "This conversation is closed already."
NOTHING_VISIBLE = "(no visible characters)"
BUTTON_OUTDATED = "This button does not belong to this topic any more."
CONTROLS = "New conversation: {codename}\nPress Claim to answer."
BLOCKED_NOW = "The customer is blocked and cannot write any more."


def help_in_topic(remark_prefix: str) -> str:
    """What agents can do in a topic."""
    return _HELP_IN_TOPIC.format(prefix=remark_prefix)


def is_silent(tenant: Tenant) -> bool:
    """Whether the bot posts without sound in this tenant's group."""
    return tenant.setting(IS_SILENT)


def topic_title(conversation: Conversation) -> str:
    """`Name — Codename`, marked while there is a note, at most 128 characters.

    As Telegram will show it: it joins blanks, drops what turns the direction of writing around, and
    refuses a title of which nothing can be seen.
    """
    mark = _NOTE_MARK if conversation.about_note else ""
    title = _BLANKS_IN_TITLES.sub(" ", _DROPPED_IN_TITLES.sub("", conversation.title)).strip()
    title = title if is_visible(title) else _UNTITLED
    return title[: MAX_TITLE - len(mark)].strip() + mark


def seen(text: str) -> str:
    """The text as agents can see it: one of invisible characters would look like no message.

    And Telegram refuses a post of them alone.
    """
    return text if is_visible(text) else NOTHING_VISIBLE


def codename_in(title: str) -> str:
    """The codename in a title that `topic_title` has made."""
    return title.removesuffix(_NOTE_MARK).rpartition(_JOINT)[2]


def controls_keyboard(conversation_id: object) -> Keyboard:
    """The two buttons of every conversation."""
    return [[("Claim", f"claim:{conversation_id}"), ("Close", f"close:{conversation_id}")]]


def claim_keyboard(conversation_id: object) -> Keyboard:
    """Just the button to claim."""
    return [[("Claim", f"claim:{conversation_id}")]]


def take_over_keyboard(conversation_id: object) -> Keyboard:
    """The button to take a conversation out of a colleague's hands."""
    return [[("Take over", f"takeover:{conversation_id}")]]


def file_not_sent(reason: str) -> str:
    """A file stays here, and why."""
    return f"Not sent: {reason}"


def only_words_sent(reason: str) -> str:
    """A file stays here although its caption was sent, and why."""
    return f"Only your words were sent. {reason}"


def file_not_posted(caption: str, name: str) -> str:
    """What stands in place of a customer's file that Telegram does not take."""
    return f"{caption}\n(The file {name} cannot be shown in Telegram. It is in the console.)"


def customer_label(conversation: Conversation) -> str:
    """What stands before a customer's message; not a name that makes it a colleague's."""
    name = conversation.customer_label
    return conversation.codename if reads_as_by_api(name) else name


def answered_elsewhere(label: str) -> str:
    """What stands before an answer that was not written in the topic; `label` as customers see."""
    return f"{label} (by API):"


def remarked_elsewhere(agent: Agent | None) -> str:
    """What stands before a remark that was not written in the topic."""
    return f"{agent.internal_name} (remark, by API):" if agent else "Remark, by API:"


def of_a_colleague(holder: str, prefix: str) -> str:
    """Why the words of another agent than the one who has the conversation are not sent."""
    return (
        f"Not sent: {holder or 'a colleague'} has this conversation, and only their words reach "
        f"the customer. Take over to answer. Begin with {prefix} to write to colleagues."
    )


def saved_replies(names: Sequence[str]) -> str:
    """What an agent can send by name; as many as one post can hold."""
    if not names:
        return NO_SAVED_REPLIES
    listed, rest = f"Saved replies: {names[0]}", len(names) - 1
    for name in names[1:]:
        if len(listed) + len(name) > _MAX_LISTED:
            break
        listed, rest = f"{listed}, {name}", rest - 1
    more = f", and {rest} more" if rest else ""
    return f"{listed}{more}.\n/r {names[0]} sends the first one."


def sent(text: str) -> str:
    """What the customer reads now, for colleagues."""
    return f"Sent: {text}"


def attached(title: str) -> str:
    """The first words of a conversation in a topic that it was given."""
    return f"This topic belongs to {title} now."


def claimed(agent: Agent, previous: Agent | None) -> str:
    """Who has it now."""
    if previous is None:
        return f"{agent.internal_name} has claimed this conversation."
    return f"{agent.internal_name} has taken over from {previous.internal_name}."


def handed_over(giver: str, agent: Agent) -> str:
    """A colleague has given it to them."""
    return f"{giver} has given this conversation to {agent.internal_name}."


def has_it_already(agent: Agent) -> str:
    """There is nothing to give."""
    return f"{agent.internal_name} has this conversation already."


def assignable(names: Sequence[str]) -> str:
    """To whom it can be given."""
    return f"Write /assign and a name: {_listed(names)}."


def not_assigned(name: str, among: Sequence[str]) -> str:
    """The name is nobody's, or that of several."""
    if not among:
        return f"Nothing done: no colleague is called {name[:64]}. /assign alone lists them."
    return (
        f"Nothing done: several colleagues are called so: {_listed(among)}. Write more of the name."
    )


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names)
    return listed if len(listed) <= _MAX_LISTED else f"{listed[:_MAX_LISTED]}…"


def language_is(locale: str) -> str:
    """In which language the customer reads what the product says."""
    name = language_in_words(locale)
    if not name:
        return "The customer's language is not known: they read the default texts."
    return f"What the customer reads by itself is in {name} now, where there are such texts."


def earlier(conversations: Sequence[Conversation], channel: DecryptedChannel | None) -> str:
    """A line each: what it is called, since when, how it stands, and where its topic is."""
    if not conversations:
        return NO_EARLIER
    lines = [_earlier_line(one, channel) for one in conversations[:MAX_EARLIER]]
    if len(conversations) > MAX_EARLIER:
        lines.append("… and older ones, in the console")
    return "\n".join(lines)


def _earlier_line(conversation: Conversation, channel: DecryptedChannel | None) -> str:
    status = str(conversation.get_status_display()).lower()
    line = f"{conversation.codename} · {conversation.created_at:%Y-%m-%d} · {status}"
    thread_id = conversation.thread_id
    if channel is None or thread_id is None or conversation.channel_id != channel.id:
        return line
    group = str(channel.chat_id).removeprefix("-100")
    return f"{line} · https://t.me/c/{group}/{thread_id}"


def presence(found: Presence) -> str:
    """Whether the customer is there."""
    return PRESENCE[found.state].format(at=found.left_at)


def banned(until: datetime) -> str:
    """How long the customer stays away."""
    return (
        f"Banned until {until:%Y-%m-%d}: the customer cannot begin anew from the same address. "
        "/unban lets them write again."
    )


def note_removed(note: str) -> str:
    """The note is gone; what it was, in case that was a slip."""
    return f"Note removed. It was:\n{note}"


def codename_is(codename: str) -> str:
    """What the conversation is called from now on."""
    return f"This conversation is called {codename} now."


def held_by(holder: str) -> str:
    """Who has it, for an agent who wants it."""
    return f"{holder or 'Somebody else'} has this conversation."


def closed_by(name: str) -> str:
    """Who closed it."""
    return f"Closed by {name}." if name else "Closed."


def my_name(agent: Agent, support_label: str) -> str:
    """What customers see of the agent who asks."""
    if agent.is_anonymous:
        return (
            f"Customers see you as {support_label}, like every anonymous admin. Write under your "
            "own name to be seen by it."
        )
    if agent.public_name:
        return f"Customers see you as {agent.public_name}."
    return (
        f"Customers see you as {support_label}. An admin can register a name for you: your "
        f"Telegram id is {agent.channel_user_id}."
    )


def my_id(agent: Agent) -> str:
    """The Telegram id of the agent who asks."""
    if agent.is_anonymous:
        return "Telegram hides the id of anonymous admins. Write /myid under your own name."
    return f"Your Telegram id is {agent.channel_user_id}."


_LIMITS = {
    Limit.MEMBERS: "members",
    Limit.AGENTS: "agents with a name",
    Limit.API_KEYS: "API keys",
    Limit.BOTS: "bots",
    Limit.STARTS: "conversations started a day",
    Limit.MESSAGES: "messages from customers a month",
    Limit.ACTIVE_CONVERSATIONS: "open conversations",
    Limit.STORAGE_BYTES: "bytes of files",
    Limit.API_CALLS: "API calls a month",
}


def limit_reached(limit: Limit, percent: int, used: int, allowed: int) -> str:
    """Said in General when the tenant has come to so many percent of a limit of its plan."""
    return f"Your plan: {used:,} of {allowed:,} {_LIMITS[limit]} are used ({percent} %)."
