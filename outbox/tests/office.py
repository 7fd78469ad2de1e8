"""A tenant whose items a test delivers or fails as it likes."""

import threading
from collections.abc import Callable
from typing import ClassVar
from uuid import uuid4

from outbox import services
from outbox.dispatcher import Drain
from outbox.kinds import AfterDelivery, Kind
from outbox.models import Lane, OutboxItem
from outbox.queueing import Payload
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

Behaviour = Callable[[OutboxItem], AfterDelivery | None]


class Named(Payload, frozen=True, kw_only=True):
    """What an office's items carry."""

    name: str


class Letter(Payload, frozen=True, kw_only=True):
    """What holds somebody's words."""

    shown: ClassVar[frozenset[str]] = frozenset({"conversation"})

    conversation: str
    text: str


class Office:
    """A tenant of its own with a kind of effect of its own, and a record of what was tried."""

    def __init__(self) -> None:
        kind = Kind(f"test.{uuid4().hex[:12]}", Named, lane=Lane.CUSTOMER_MESSAGE)
        kind.handler(self._deliver)
        self.kind = kind.name
        self.tenant: Tenant = create_tenant(slug=f"office-{uuid4().hex}", name="O", actor=SYSTEM)
        self.tried: list[str] = []
        self.behave: Behaviour = lambda item: None
        self._lock = threading.Lock()

    def _deliver(self, item: OutboxItem, payload: Named) -> AfterDelivery | None:
        with self._lock:
            self.tried.append(payload.name)
        return self.behave(item)

    def effect(
        self, name: str, *, order: str = "", lane: Lane = Lane.CUSTOMER_MESSAGE, channel: str = ""
    ) -> None:
        """Enqueue one item, in a transaction of its own."""
        promised = services.Effect(
            kind=self.kind,
            ordering_key=order or f"{self.kind}:{name}",
            idempotency_key=f"{self.kind}:{name}",
            lane=lane,
            payload=Named(name=name),
            channel=channel,
        )
        with tenant_scope(self.tenant.pk) as tenant:
            services.enqueue(tenant=tenant, effects=[promised])

    def item(self, name: str) -> OutboxItem:
        """The item as it is now."""
        with tenant_scope(self.tenant.pk):
            found: OutboxItem = OutboxItem.objects.get(idempotency_key=f"{self.kind}:{name}")
            return found

    def change(self, name: str, **changes: object) -> None:
        """Let time pass, for one item."""
        with tenant_scope(self.tenant.pk):
            OutboxItem.objects.filter(pk=self.item(name).pk).update(**changes)

    def drain(self) -> None:
        """One drain of this process, to its end."""
        Drain(senders=4, kinds=[self.kind]).run()
