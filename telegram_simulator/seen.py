"""What the client returns: the control API's answers as typed objects."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Person(Struct, frozen=True):
    """An account: a person or a bot."""

    id: int
    name: str
    username: str = ""
    is_bot: bool = False


class Button(Struct, frozen=True):
    """An inline button; exactly one of `callback_data` and `url` is set."""

    text: str
    callback_data: str = ""
    url: str = ""
    style: str = ""


class SeenMessage(Struct, frozen=True):
    """A message as it is in the group now."""

    chat_id: int
    thread_id: int
    message_id: int
    date: int
    edit_date: int
    kind: str
    is_service: bool
    author: Person
    is_anonymous: bool
    text: str
    entities: list[dict[str, Any]]
    content: dict[str, Any]
    reply_to: int
    keyboard: list[list[Button]]
    reactions: dict[int, list[str]]
    is_silent: bool
    is_pinned: bool

    @property
    def buttons(self) -> dict[str, str]:
        """Text of each button -> its callback data or URL."""
        return {one.text: one.callback_data or one.url for row in self.keyboard for one in row}


class SeenTopic(Struct, frozen=True):
    """A topic as it is now; thread 0 is General."""

    chat_id: int
    thread_id: int
    name: str
    creator_id: int
    is_closed: bool
    is_deleted: bool
    message_count: int
    pinned: list[int]
    icon_custom_emoji_id: str
    last_message: SeenMessage | None


class SeenCall(Struct, frozen=True):
    """One Bot API call; `status` 0 means that no answer left."""

    seq: int
    at: float
    bot_id: int
    method: str
    chat_id: int
    thread_id: int
    message_id: int
    status: int
    description: str
    retry_after: int
    fault: str
    took_ms: float
    ok: bool
    is_done: bool
    params: dict[str, Any] = field(default_factory=dict)


class SeenPress(Struct, frozen=True):
    """A button press; `text` and `show_alert` come with the bot's answer."""

    id: str
    bot_id: int
    user_id: int
    chat_id: int
    message_id: int
    data: str
    answered: bool
    text: str
    show_alert: bool
    url: str


class SeenWebhook(Struct, frozen=True):
    """A bot's webhook and how its deliveries are going."""

    url: str
    has_secret: bool
    max_connections: int
    allowed_updates: list[str] | None
    last_error_date: int
    last_error_message: str
    pending: int


class SeenAttempt(Struct, frozen=True):
    """One POST to the webhook; `status` 0 means no answer, `error` says why."""

    update_id: int
    kind: str
    at: float
    status: int
    error: str
    took_ms: float


class SeenUpdate(Struct, frozen=True):
    """An update that the bot has not confirmed."""

    update_id: int
    kind: str
    lane: str
    date: float


class SeenUpdates(Struct, frozen=True):
    """A bot's queue and its last deliveries."""

    pending: list[SeenUpdate]
    attempts: list[SeenAttempt]


class SeenViolation(Struct, frozen=True):
    """A call that broke the published parameters."""

    call: int
    method: str
    problem: str
