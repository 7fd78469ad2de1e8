"""The port behind which a tenant's agents are: what a channel does, and what it offers.

A channel shows conversations to agents where they work, and hands back what they do there by
calling `conversations.services`. `docs/channels.md` says how to add one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from conversations.events import (
    AgentsNotified,
    ConversationBlocked,
    ConversationClaimed,
    ConversationClosed,
    ConversationReopened,
    ConversationsDeleted,
    ConversationStarted,
    MessageAdded,
    RemarkAdded,
    TitleChanged,
)
from kernel import events
from tenants.models import Tenant


class ChannelState(StrEnum):
    """One word for how a channel is."""

    NOT_CONFIGURED = "not_configured"
    # The messenger has not been asked yet whether everything is as it must be.
    NOT_CHECKED = "not_checked"
    WORKING = "working"
    # The messenger wants a while of silence; goes on by itself.
    PAUSED = "paused"
    # The messenger has not accepted the set-up yet; tried again by itself.
    FAILING = "failing"
    # Only a person can mend it.
    NEEDS_ATTENTION = "needs_attention"


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """A channel's state, and what goes with it."""

    state: ChannelState
    problem: str | None = None
    blocked_until: datetime | None = None
    waiting: int = 0
    oldest_waiting_at: datetime | None = None
    last_error: str | None = None
    # Whether the problem keeps what waits from leaving.
    is_held: bool = False
    # When the check was asked for that is under way.
    checking_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What agents can do in a channel beyond claiming, answering and closing."""

    # An edit of an answer changes what the customer reads.
    edits: bool
    # Conversations have threads of their own, with titles.
    threads: bool
    # A reminder can be pinned.
    pins: bool


class Channel(Protocol):
    """One messenger.

    Each method reacts to one event, inside the transaction in which it happened: it writes rows,
    such as outbox items, and calls nobody. One that raises takes the whole change back.
    """

    # How rows and settings name it, such as `telegram`.
    @property
    def code(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    # Under which several people act in every tenant, such as Telegram's anonymous admins.
    @property
    def shared_user_ids(self) -> frozenset[str]: ...

    def require_user_id(self, user_id: str) -> None:
        """Raise InvalidParameter, about `channel_user_id`, for what is nobody's id here."""
        ...

    def serves(self, tenant: Tenant) -> bool:
        """Whether the tenant's agents are here."""
        ...

    def status(self, *, tenant: Tenant) -> ChannelStatus:
        """How the tenant's channel is, from rows alone."""
        ...

    def on_started(self, event: ConversationStarted) -> None: ...

    def on_message(self, event: MessageAdded) -> None: ...

    def on_remark(self, event: RemarkAdded) -> None: ...

    def on_agents_notified(self, event: AgentsNotified) -> None: ...

    def on_claimed(self, event: ConversationClaimed) -> None: ...

    def on_closed(self, event: ConversationClosed) -> None: ...

    def on_reopened(self, event: ConversationReopened) -> None: ...

    def on_blocked(self, event: ConversationBlocked) -> None: ...

    def on_deleted(self, event: ConversationsDeleted) -> None: ...

    def on_title_changed(self, event: TitleChanged) -> None: ...


_channels: list[Channel] = []


def register(channel: Channel) -> None:
    """Offer a channel; of several that serve a tenant, the one that registered last does."""
    if any(known.code == channel.code for known in _channels):
        raise ValueError(f"two channels are called {channel.code}")
    _channels.append(channel)


def withdraw(channel: Channel) -> None:
    """Offer it no more."""
    _channels.remove(channel)


def channel_of(tenant: Tenant) -> Channel:
    """Where the tenant's agents are."""
    return next(channel for channel in reversed(_channels) if channel.serves(tenant))


def subscribe() -> None:
    """Hand each event of a conversation to the channel of its tenant."""
    subscribe, of = events.subscribe, channel_of
    subscribe(ConversationStarted, lambda event: of(event.tenant).on_started(event))
    subscribe(MessageAdded, lambda event: of(event.tenant).on_message(event))
    subscribe(RemarkAdded, lambda event: of(event.tenant).on_remark(event))
    subscribe(AgentsNotified, lambda event: of(event.tenant).on_agents_notified(event))
    subscribe(ConversationClaimed, lambda event: of(event.tenant).on_claimed(event))
    subscribe(ConversationClosed, lambda event: of(event.tenant).on_closed(event))
    subscribe(ConversationReopened, lambda event: of(event.tenant).on_reopened(event))
    subscribe(ConversationBlocked, lambda event: of(event.tenant).on_blocked(event))
    subscribe(ConversationsDeleted, lambda event: of(event.tenant).on_deleted(event))
    subscribe(TitleChanged, lambda event: of(event.tenant).on_title_changed(event))
