"""What the calls about channels answer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from channels_telegram import verifying
from channels_telegram.bots import invitation
from channels_telegram.channel_status import status_of
from channels_telegram.channels import DecryptedChannel, webhook_base
from channels_telegram.models import TelegramChannel
from channels_telegram.verifying import Check
from conversations.channels import ChannelState, ChannelStatus
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment


class ChannelJson(Answer, frozen=True, kw_only=True):
    """The tenant's bot and group, without secrets."""

    state: ChannelState
    problem: Annotated[str | None, Meta(description="What a person has to mend.")]
    bot_id: int | None
    bot_username: Annotated[
        str | None, Meta(description="Null until Telegram has accepted the token.")
    ]
    chat_id: Annotated[
        int | None, Meta(description="The group's present id; Telegram changes it at an upgrade.")
    ]
    configured_chat_id: int | None
    webhook_url: Annotated[str | None, Meta(description="Its last part is a secret: `…`")]
    is_header_secret_set: bool
    last_error: str | None
    updated_at: Moment | None

    @classmethod
    def of(cls, channel: TelegramChannel | None, status: ChannelStatus) -> "ChannelJson":
        """The channel as it is shown."""
        if channel is None:
            return cls._none(status)
        return cls(
            state=status.state,
            problem=status.problem,
            bot_id=channel.bot_id,
            bot_username=channel.bot_username or None,
            chat_id=channel.chat_id,
            configured_chat_id=channel.configured_chat_id,
            webhook_url=f"{webhook_base()}…",
            is_header_secret_set=bool(channel.header_secret_sealed),
            last_error=status.last_error,
            updated_at=iso_ms(channel.updated_at),
        )

    @classmethod
    def _none(cls, status: ChannelStatus) -> "ChannelJson":
        return cls(
            state=status.state,
            problem=status.problem,
            bot_id=None,
            bot_username=None,
            chat_id=None,
            configured_chat_id=None,
            webhook_url=None,
            is_header_secret_set=False,
            last_error=None,
            updated_at=None,
        )


class BotJson(Answer, frozen=True, kw_only=True):
    """One of the bots that share the tenant's group, without its token."""

    id: UUID
    is_first: Annotated[bool, Meta(description="Whether it is the one that hears the group.")]
    bot_id: int
    bot_username: Annotated[
        str | None, Meta(description="Null until Telegram has accepted the token.")
    ]
    state: ChannelState
    problem: Annotated[str | None, Meta(description="What a person has to mend.")]
    invitation: Annotated[
        str | None, Meta(description="Adds the bot to a group; null until its name is known.")
    ]
    waiting: Annotated[int, Meta(description="How many items wait for it.")]
    blocked_until: Moment | None
    last_error: str | None

    @classmethod
    def of(cls, row: TelegramChannel, *, is_first: bool) -> "BotJson":
        """A row from `with_status` as it is shown."""
        status = status_of(row)
        return cls(
            id=row.pk,
            is_first=is_first,
            bot_id=row.bot_id,
            bot_username=row.bot_username or None,
            state=status.state,
            problem=status.problem,
            invitation=invitation(row),
            waiting=status.waiting,
            blocked_until=iso_ms_or_none(status.blocked_until),
            last_error=status.last_error,
        )


class BotsJson(Answer, frozen=True, kw_only=True):
    """The bots of the tenant's group."""

    bots: list[BotJson]

    @classmethod
    def of(cls, rows: Iterable[TelegramChannel]) -> "BotsJson":
        """Rows from `with_status`, the first bot first."""
        return cls(bots=[BotJson.of(row, is_first=not n) for n, row in enumerate(rows)])


class CheckJson(Answer, frozen=True, kw_only=True):
    """One thing that must be so."""

    name: Annotated[str, Meta(extra_json_schema={"enum": list(verifying.NAMES)})]
    ok: Annotated[
        bool | None,
        Meta(description="Null when Telegram asks us to wait, so that it was not checked."),
    ]
    advice: Annotated[str | None, Meta(description="What to do where it is not so.")]


class VerificationJson(Answer, frozen=True, kw_only=True):
    """What Telegram says about the bot and the group."""

    ok: Annotated[bool, Meta(description="False when a check is.")]
    is_busy: Annotated[bool, Meta(description="Whether Telegram asks us to wait.")]
    checks: list[CheckJson]

    @classmethod
    def of(cls, checks: Sequence[Check]) -> "VerificationJson":
        """The checks as they are shown."""
        return cls(
            ok=all(check.ok is not False for check in checks),
            is_busy=any(check.ok is None for check in checks),
            checks=[
                CheckJson(name=check.name, ok=check.ok, advice=check.advice) for check in checks
            ],
        )


class WebhookJson(Answer, frozen=True, kw_only=True):
    """How Telegram delivers."""

    is_ours: Annotated[bool, Meta(description="Whether Telegram delivers to our address.")]
    pending_updates: int
    last_error: str | None
    last_error_at: Moment | None

    @classmethod
    def of(cls, channel: DecryptedChannel, found: dict[str, Any]) -> "WebhookJson":
        """Telegram's answer as it is shown."""
        failed_at = found.get("last_error_date")
        return cls(
            is_ours=found.get("url") == channel.webhook_url,
            pending_updates=found.get("pending_update_count", 0),
            last_error=found.get("last_error_message"),
            last_error_at=iso_ms(datetime.fromtimestamp(failed_at, UTC)) if failed_at else None,
        )


class BudgetJson(Answer, frozen=True, kw_only=True):
    """How many calls the group may get in a sliding window."""

    points: int
    window_seconds: int
    spent: Annotated[int | None, Meta(description="Null while it cannot be told.")]


class QueueJson(Answer, frozen=True, kw_only=True):
    """What waits to be sent."""

    waiting: int
    oldest_at: Moment | None
    blocked_until: Moment | None

    @classmethod
    def of(cls, status: ChannelStatus) -> "QueueJson":
        """What waits, as it is shown."""
        return cls(
            waiting=status.waiting,
            oldest_at=iso_ms_or_none(status.oldest_waiting_at),
            blocked_until=iso_ms_or_none(status.blocked_until),
        )


class StatusJson(Answer, frozen=True, kw_only=True):
    """How the channel is at this moment."""

    state: ChannelState
    problem: str | None
    last_error: str | None
    webhook: Annotated[WebhookJson | None, Meta(description="Null when Telegram did not tell.")]
    webhook_problem: str | None
    budget: BudgetJson
    queue: QueueJson
