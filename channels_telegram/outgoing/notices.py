"""What the bot tells agents about messages that did not go through: once, until something changes.

A group allows about twenty posts a minute. A notice therefore says what holds for all messages of
its kind in the topic, and is repeated only after the conversation's state has changed, or when it
is so old that agents no longer have it before their eyes. One that names the state itself is not
repeated for its age alone: the customer must have written since.
"""

from datetime import UTC, datetime, timedelta

from attachments.services import Allowance
from channels_telegram import sql, texts
from channels_telegram.models import TopicNotice
from channels_telegram.outgoing import effects
from channels_telegram.outgoing.effects import Post
from channels_telegram.setting_keys import REMARK_PREFIX
from channels_telegram.updates import Message
from conversations.events import (
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationEvent,
    ConversationReopened,
)
from conversations.models import Agent, Conversation, Status
from conversations.services.messaging import may_answer
from kernel import events
from kernel.clock import now_ms
from outbox import services as outbox
from tenants.models import Tenant

# Within so long, agents see the earlier notice when they look at the topic.
REPEAT_AFTER = timedelta(minutes=10)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Of so many unknown commands each is named; the notices say that the others are not sent either.
MAX_UNKNOWN_COMMANDS = 5

ANONYMOUS = "anonymous"
CHANNEL = "channel"
REOPEN_BLOCKED = "reopen_blocked"
ADDRESSES = "addresses"
EDIT_UNSENT = "edit_unsent"
EDIT_NOT_SHOWN = "edit_not_shown"
EDIT_OF_COMMAND = "edit_of_command"
EDIT_OF_FILE = "edit_of_file"
EDIT_OF_DELETED = "edit_of_deleted"
_UNKNOWN_COMMAND = "command:"
_ASIDE = "aside:"


def register() -> None:
    """Subscribe to the changes after which a notice is news again."""
    for event in (
        ConversationClaimed,
        ConversationClosed,
        ConversationReopened,
        ConversationBlocked,
    ):
        events.subscribe(event, forget_notices_of)


def forget_notices_of(event: ConversationEvent) -> None:
    """The conversation's state has changed."""
    forget_notices(tenant=event.tenant, conversation=event.conversation)


def forget_notices(*, tenant: Tenant, conversation: Conversation) -> None:
    """Whatever the topic was told has to be told again, such as in another topic.

    Which albums are for colleagues is no notice, and stays known: it holds in any state.
    """
    told = TopicNotice.objects.filter(tenant=tenant, conversation=conversation)
    told.exclude(kind__startswith=_ASIDE).delete()


def answer_once(tenant: Tenant, conversation: Conversation, kind: str, content: Post) -> bool:
    """Tell the agents in the topic, unless a notice of this kind stands there; True when told.

    Of several updates at the same time the unique row lets one through. The row and the post are
    stored in the running transaction.
    """
    now = now_ms()
    until = now - REPEAT_AFTER
    return _answer(tenant, conversation, kind, content, now=now, repeats_until=until)


def _answer(
    tenant: Tenant,
    conversation: Conversation,
    kind: str,
    content: Post,
    *,
    now: datetime,
    repeats_until: datetime,
) -> bool:
    is_news = sql.note_notice(
        tenant_id=tenant.pk,
        conversation_id=conversation.pk,
        kind=kind[:64],
        now=now,
        repeats_until=repeats_until,
    )
    if is_news:
        outbox.enqueue(tenant=tenant, effects=[effects.notice(tenant, conversation, content)])
    return is_news


def answer_state(tenant: Tenant, conversation: Conversation, refusal: tuple[str, Post]) -> bool:
    """Tell the agents which state keeps their words from the customer; True when told.

    `refusal` is from `refusal_of`. Repeated when the notice is old and the customer has written
    since: only then is it likely that the agents mean the customer.
    """
    kind, content = refusal
    now, written_at = now_ms(), conversation.last_customer_at
    repeats_until = _NEVER if written_at is None else min(written_at, now - REPEAT_AFTER)
    return _answer(tenant, conversation, kind, content, now=now, repeats_until=repeats_until)


def refusal_of(
    tenant: Tenant, conversation: Conversation, *, agent: Agent
) -> tuple[str, Post] | None:
    """The notice for words that are kept from the customer for the conversation's state or for who
    writes them, with its kind.

    None when they may be sent.
    """
    keyboard = texts.claim_keyboard(conversation.pk)
    if conversation.status == Status.BLOCKED:
        return "blocked", Post(text=texts.BLOCKED)
    if conversation.status == Status.CLOSED:
        return "closed", Post(text=texts.NOT_OPEN, keyboard=keyboard)
    if not conversation.is_claimed:
        return "unclaimed", Post(text=texts.NOT_CLAIMED, keyboard=keyboard)
    if not may_answer(tenant=tenant, conversation=conversation, agent=agent):
        holder = conversation.assigned_agent
        text = texts.of_a_colleague(
            holder.internal_name if holder is not None else "", tenant.setting(REMARK_PREFIX)
        )
        return "colleague", Post(text=text, keyboard=texts.take_over_keyboard(conversation.pk))
    return None


def answer_unknown_command(tenant: Tenant, conversation: Conversation, name: str) -> None:
    """Say that there is no such command."""
    named = TopicNotice.objects.filter(
        tenant=tenant,
        conversation=conversation,
        kind__startswith=_UNKNOWN_COMMAND,
        posted_at__gt=now_ms() - REPEAT_AFTER,
    )
    if named.count() < MAX_UNKNOWN_COMMANDS:
        shown = f"/{name[:32]}"
        content = Post(text=texts.UNKNOWN_COMMAND.format(command=shown))
        answer_once(tenant, conversation, f"{_UNKNOWN_COMMAND}{name[:32]}", content)


def answer_content(tenant: Tenant, conversation: Conversation, message: Message) -> None:
    """Say that the customer cannot be shown this kind of content.

    Not for the rest of an album whose caption was sent: its items arrive one by one.
    """
    if message.media_group_id and _stands(tenant, conversation, _album(message)):
        return
    takes_files = Allowance.find(tenant) is not None
    content = Post(text=texts.KIND_CANNOT_BE_SHOWN if takes_files else texts.CANNOT_BE_SHOWN)
    answer_once(tenant, conversation, f"content:{message.content_kind}", content)


def answer_caption(tenant: Tenant, conversation: Conversation, message: Message) -> None:
    """Say that of this kind of content only the words have been sent."""
    if message.media_group_id:
        now = now_ms()
        sql.note_notice(
            tenant_id=tenant.pk,
            conversation_id=conversation.pk,
            kind=_album(message),
            now=now,
            repeats_until=now - REPEAT_AFTER,
        )
    content = Post(text=texts.ONLY_CAPTION_SENT)
    answer_once(tenant, conversation, f"caption:{message.content_kind}", content)


def set_album_aside(tenant: Tenant, conversation: Conversation, message: Message) -> None:
    """Note that an album's caption is not for the customer, so that its other items are not either.

    Its items arrive one by one, and only one of them has that caption.
    """
    if message.media_group_id:
        now = now_ms()
        sql.note_notice(
            tenant_id=tenant.pk,
            conversation_id=conversation.pk,
            kind=_aside(message.media_group_id),
            now=now,
            repeats_until=now - REPEAT_AFTER,
        )


def is_album_aside(tenant: Tenant, conversation: Conversation, media_group_id: str) -> bool:
    """Whether a caption of this album is not for the customer, as far as it has arrived.

    However long ago: its files may have waited for the scanner or a worker.
    """
    if not media_group_id:
        return False
    return TopicNotice.objects.filter(
        tenant=tenant, conversation=conversation, kind=_aside(media_group_id)
    ).exists()


def _aside(media_group_id: str) -> str:
    return f"{_ASIDE}{media_group_id}"[:64]


def _album(message: Message) -> str:
    return f"album:{message.media_group_id}"[:64]


def _stands(tenant: Tenant, conversation: Conversation, kind: str) -> bool:
    return TopicNotice.objects.filter(
        tenant=tenant, conversation=conversation, kind=kind, posted_at__gt=now_ms() - REPEAT_AFTER
    ).exists()
