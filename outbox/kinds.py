"""Kinds of effects: what an item of a kind carries, who may read that, and how it is delivered.

An app makes one Kind for each kind of effect that it enqueues; the outbox knows them by name. A
handler is added to the kind where it is written, and is there once the app has started.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from kernel import context
from outbox.errors import DeliveryError
from outbox.models import Lane, OutboxItem
from outbox.queueing import Effect, Payload

PayloadT = TypeVar("PayloadT", bound=Payload)
AfterDelivery = Callable[[], object]
Handler = Callable[[OutboxItem, PayloadT], AfterDelivery | None]

_kinds: "dict[str, Kind[Any]]" = {}


class Kind(Generic[PayloadT]):
    """One kind of effect."""

    def __init__(
        self, name: str, payload: type[PayloadT], *, lane: Lane, is_platforms: bool = False
    ) -> None:
        """`lane` is where its effects leave, unless one says otherwise.

        Items of a kind that is the platform's are no tenant's to see, to retry or to discard.
        """
        if name in _kinds:
            raise ValueError(f"outbox kind {name!r} exists already")
        self.name = name
        self.payload = payload
        self.lane = lane
        self.is_platforms = is_platforms
        self._handler: Handler[PayloadT] | None = None
        _kinds[name] = self

    @property
    def is_handled(self) -> bool:
        """Whether this process can deliver it."""
        return self._handler is not None

    def handler(self, deliver: Handler[PayloadT]) -> Handler[PayloadT]:
        """Let `deliver` deliver effects of this kind; a decorator.

        It runs without a scope or transaction and may take its time. It raises DeliveryError on
        failure, and may return a function that records what came of it: that one runs in the
        tenant's scope, in the transaction that marks the item as done. It can run again for the
        same item after a crash, so it must be repeatable.
        """
        if self._handler is not None:
            raise ValueError(f"outbox kind {self.name!r} has a handler already")
        self._handler = deliver
        return deliver

    def effect(
        self,
        payload: PayloadT,
        *,
        ordering_key: str,
        idempotency_key: str,
        channel: str = "",
        lane: Lane | None = None,
        expires_at: datetime | None = None,
        not_before: datetime | None = None,
    ) -> Effect:
        """An effect of this kind, to be enqueued."""
        return Effect(
            kind=self.name,
            ordering_key=ordering_key,
            idempotency_key=idempotency_key,
            lane=self.lane if lane is None else lane,
            payload=payload,
            channel=channel,
            expires_at=expires_at,
            not_before=not_before,
        )

    def deliver(self, item: OutboxItem) -> AfterDelivery | None:
        """Hand the item to the handler.

        Raises DeliveryError as the handler does, and a permanent one when the payload cannot be
        read: no later attempt would read it either.
        """
        if self._handler is None:
            raise DeliveryError(f"no handler for {self.name}")
        try:
            payload = msgspec.convert(item.payload, self.payload)
        except msgspec.ValidationError as error:
            # It names fields and types, and no values.
            raise DeliveryError(f"the payload cannot be read: {error}", permanent=True) from error
        return self._handler(item, payload)


def handled_kinds() -> list[str]:
    """The name of every kind that this process can deliver."""
    return [name for name, kind in _kinds.items() if kind.is_handled]


def platform_kinds() -> list[str]:
    """The name of every kind that is the platform's."""
    return [name for name, kind in _kinds.items() if kind.is_platforms]


def all_kinds() -> list[Kind[Any]]:
    """Every kind that an installed app has made."""
    return list(_kinds.values())


def find_kind(name: str) -> Kind[Any] | None:
    """The kind of this name, or None when no installed app knows it."""
    return _kinds.get(name)


def redacted(item: OutboxItem) -> dict[str, Any]:
    """The shape of an item's payload, without anybody's words."""
    kind = find_kind(item.kind)
    shown = frozenset[str]() if kind is None else kind.payload.shown
    return {
        name: value if name in shown else f"hidden ({len(str(value))} characters)"
        for name, value in _fields_of(item).items()
    }


def on_behalf_of(item: OutboxItem) -> AbstractContextManager[None]:
    """Work under the id of the request that made the item; log lines say whose it is."""
    kind = find_kind(item.kind)
    logged: Mapping[str, str] = {} if kind is None else kind.payload.logged
    fields = _fields_of(item)
    facts = {name: fields[field] for field, name in logged.items() if field in fields}
    return context.on_behalf_of(
        item.request_id, tenant_id=str(item.tenant_id), outbox_item=item.pk, **facts
    )


def _fields_of(item: OutboxItem) -> dict[str, Any]:
    """Whatever stands in the row: to show it or to log about it must not fail."""
    return item.payload if isinstance(item.payload, dict) else {}
