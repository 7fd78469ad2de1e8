"""Query parameters of lists."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request

from conversations.filters import ConversationFilter
from conversations.models import OPEN_STATUSES, Status

_GROUPS: dict[str, tuple[Status, ...]] = {
    "open": OPEN_STATUSES,
    "closed": (Status.CLOSED,),
    "blocked": (Status.BLOCKED,),
}
MAX_SEARCH = 100
_NOBODY = "none"
STATUS_HELP = "Statuses, separated by commas, or one of the groups `open`, `closed`, `blocked`."


class _Moment(serializers.DateTimeField):
    """An ISO 8601 time, whose `+` may have arrived as a blank."""

    def to_internal_value(self, value: Any) -> datetime:
        """The moment."""
        return super().to_internal_value(str(value).strip().replace(" ", "+"))


class ListQuery(serializers.Serializer[Any]):
    """What a list of conversations can be narrowed by."""

    status = serializers.CharField(required=False, allow_blank=True, help_text=STATUS_HELP)
    agent = serializers.CharField(
        required=False, allow_blank=True, help_text="Who has it: an agent's id, or `none`."
    )
    created_after = _Moment(required=False)
    created_before = _Moment(required=False)
    updated_after = _Moment(required=False)
    locale = serializers.RegexField(
        r"\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}\Z",
        required=False,
        allow_blank=True,
        max_length=35,
        help_text="As `locale` of a conversation has it, such as `lv` or `default`.",
    )
    legal_hold = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether a legal hold keeps it."
    )
    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_SEARCH,
        help_text="Words of a codename, a customer's name or a note, or how they begin; or an id.",
    )

    def validate_status(self, words: str) -> list[Status] | None:
        """Each status once; None for every one."""
        return statuses_of(words) if words else None

    def validate_agent(self, word: str) -> str | UUID | None:
        """An agent's id, `none`, or None for whoever it is."""
        if word in ("", _NOBODY):
            return word or None
        try:
            return UUID(word)
        except ValueError:
            raise serializers.ValidationError("Use an agent's id, or none.") from None


class MessagesQuery(serializers.Serializer[Any]):
    """Which stretch of a history."""

    after = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Those after this `seq`."
    )
    before = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Those before this `seq`."
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=200, default=50, help_text="So many at most."
    )


def read_query(wanted: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query's values; raises ValidationError naming those that cannot be meant.

    A parameter without a value counts as absent.
    """
    given = {name: value for name, value in request.query_params.items() if value != ""}
    query = wanted(data=given)
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = query.validated_data
    return values


def statuses_of(words: str) -> list[Status]:
    """The statuses that names and groups, separated by commas, stand for; at least one.

    Raises ValidationError for a word that is neither.
    """
    found: list[Status] = []
    for word in words.split(","):
        name = word.strip()
        if name.lower() in _GROUPS:
            found += _GROUPS[name.lower()]
        elif name in Status.values:
            found.append(Status(name))
        else:
            known = ", ".join((*_GROUPS, *Status.values))
            raise serializers.ValidationError(f"Use one or several of {known}.")
    return list(dict.fromkeys(found))


def filter_of(query: dict[str, Any]) -> ConversationFilter:
    """What a ListQuery asks for beside statuses and words."""
    agent = query.get("agent")
    return ConversationFilter(
        agent_id=agent if isinstance(agent, UUID) else None,
        is_unassigned=agent == _NOBODY,
        created_after=query.get("created_after"),
        created_before=query.get("created_before"),
        updated_after=query.get("updated_after"),
        locale=query.get("locale", "").lower() or None,
        is_on_legal_hold=query.get("legal_hold"),
    )
