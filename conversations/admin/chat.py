"""A conversation as the console shows it: days, turns and bubbles instead of rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog
from django.db import Error
from django.http import HttpRequest

from conversations import selectors, services
from conversations.models import Conversation, Direction, Message, Remark
from kernel.database import is_outage
from templates_i18n.keys import TemplateKey
from tenants import roles
from tenants.api_keys.scopes import Scope
from tenants.models import User
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

# What one page shows; older messages are a click away.
PAGE = 200

_SYSTEM_NAMES = {str(key): str(label) for key, label in TemplateKey.choices}


@dataclass(slots=True)
class Turn:
    """Neighbouring messages, or remarks, of one author within one minute."""

    author: str
    side: str
    messages: list[Message | Remark] = field(default_factory=list)
    # What the other side has got of it: a word, or none where that is not known.
    receipt: str = ""

    @property
    def ends(self) -> Message | Remark:
        """Its last message, whose time stands below the bubbles."""
        return self.messages[-1]

    def takes(self, author: str, side: str, message: Message | Remark) -> bool:
        """Whether the message continues this turn."""
        return (
            (self.author, self.side) == (author, side)
            and side != "system"
            and (message.created_at - self.ends.created_at).total_seconds() < 60
        )


@dataclass(frozen=True, slots=True)
class Day:
    """The turns of one day, in UTC."""

    date: date
    turns: list[Turn] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chat:
    """A page of a conversation; `earlier_than` leads to the page before it."""

    days: list[Day]
    earlier_than: int | None


def read_chat(conversation: Conversation, *, support_label: str, before: int | None) -> Chat:
    """The newest messages of a conversation, or those before a seq, oldest first.

    With the remarks that were made among them.
    """
    messages = Message.objects.filter(
        tenant_id=conversation.tenant_id, conversation=conversation
    ).order_by("-seq")
    if before is not None:
        messages = messages.filter(seq__lt=before)
    newest = list(messages[: PAGE + 1])
    shown = newest[:PAGE][::-1]
    earlier_than = shown[0].seq if len(newest) > PAGE else None
    remarks = _remarks_among(conversation, shown, is_first=earlier_than is None, before=before)
    lines: list[Message | Remark] = [*shown, *remarks]
    lines.sort(key=lambda line: line.created_at)
    days = _by_day(lines, conversation.customer_label, support_label)
    for turn in (turn for day in days for turn in day.turns):
        if isinstance(turn.ends, Message):
            turn.receipt = _receipt(conversation, turn.ends)
    return Chat(days, earlier_than)


def _receipt(conversation: Conversation, message: Message) -> str:
    if message.direction == Direction.INBOUND:
        seen, delivered = conversation.agents_seen_seq, conversation.agents_delivered_seq
    else:
        seen, delivered = conversation.customer_seen_seq, conversation.customer_delivered_seq
    if message.seq <= seen:
        return "seen"
    return "delivered" if message.seq <= delivered else ""


def is_read_by_agent(request: HttpRequest) -> bool:
    """Whether one of the tenant's people looks, who may also answer; staff and viewers do not."""
    user = request.user
    assert isinstance(user, User)
    return not user.is_superuser and roles.may(user.workspace_role, Scope.CONVERSATIONS_WRITE)


def note_seen(conversation: Conversation) -> None:
    """The page is shown also while the database only reads."""
    try:
        with tenant_scope(conversation.tenant_id) as tenant:
            services.note_seen_by_agents(tenant=tenant, conversation_id=conversation.pk)
    except Error as error:
        if not is_outage(error):
            raise
        logger.warning("seen_not_noted", error=type(error).__name__)


def _remarks_among(
    conversation: Conversation, shown: Sequence[Message], *, is_first: bool, before: int | None
) -> list[Remark]:
    """Those made while these messages were written; at an end of the conversation also beyond."""
    remarks = selectors.list_remarks(conversation=conversation)
    if not is_first:
        remarks = remarks.filter(created_at__gte=shown[0].created_at)
    if before is not None:
        after = Message.objects.filter(
            tenant_id=conversation.tenant_id, conversation=conversation, seq=before
        ).first()
        if after is not None:
            remarks = remarks.filter(created_at__lt=after.created_at)
    return list(remarks.order_by("-created_at", "-id")[:PAGE])


def _by_day(messages: Iterable[Message | Remark], customer: str, support_label: str) -> list[Day]:
    days: list[Day] = []
    for message in messages:
        author, side = _author(message, customer, support_label)
        day = message.created_at.date()
        if not days or days[-1].date != day:
            days.append(Day(day))
        turns = days[-1].turns
        if not turns or not turns[-1].takes(author, side, message):
            turns.append(Turn(author, side))
        turns[-1].messages.append(message)
    return days


def _author(message: Message | Remark, customer: str, support_label: str) -> tuple[str, str]:
    if isinstance(message, Remark):
        return selectors.remark_author(message), "remark"
    if message.template_key:
        return _SYSTEM_NAMES.get(message.template_key, message.template_key), "system"
    if message.direction == Direction.INBOUND:
        return customer, "customer"
    return message.agent_name or support_label, "agent"
