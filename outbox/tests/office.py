"""A tenant whose items a test delivers or fails as it likes."""

import threading
from collections.abc import Callable
from uuid import uuid4

from outbox import registry, services
from outbox.dispatcher import Drain
from outbox.models import Lane, OutboxItem
from outbox.registry import AfterDelivery
from outbox.services import Effect
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

Behaviour = Callable[[OutboxItem], AfterDelivery | None]


class Office:
    """A tenant of its own with a kind of effect of its own, and a record of what was tried."""

    def __init__(self) -> None:
        self.kind = f"test.{uuid4().hex[:12]}"
        self.tenant: Tenant = create_tenant(slug=f"office-{uuid4().hex}", name="O", actor=SYSTEM)
        self.tried: list[str] = []
        self.behave: Behaviour = lambda item: None
        self._lock = threading.Lock()
        registry.register(self.kind, self._deliver)

    def _deliver(self, item: OutboxItem) -> AfterDelivery | None:
        with self._lock:
            self.tried.append(item.payload["name"])
        return self.behave(item)

    def effect(
        self, name: str, *, order: str = "", lane: Lane = Lane.CUSTOMER_MESSAGE, channel: str = ""
    ) -> None:
        """Enqueue one item, in a transaction of its own."""
        promised = Effect(
            kind=self.kind,
            ordering_key=order or f"{self.kind}:{name}",
            idempotency_key=f"{self.kind}:{name}",
            lane=lane,
            payload={"name": name},
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
