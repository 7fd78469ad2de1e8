"""Collecting metrics: this process's own, or those of every process on the machine.

With PROMETHEUS_MULTIPROC_DIR set, web, worker and beat write their figures to files there, and any
web process shows the sum. The outbox's depth and age are read from the database when asked.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tenants.scope import platform_scope


class OutboxCollector(Collector):
    """How much is waiting, and for how long."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Two gauges per kind and status; none while the database is away."""
        depth = GaugeMetricFamily(
            "chatorical_outbox_depth", "Items that are not done.", labels=["kind", "status"]
        )
        age = GaugeMetricFamily(
            "chatorical_outbox_oldest_seconds",
            "Age of the oldest of them.",
            labels=["kind", "status"],
        )
        try:
            rows = _waiting()
        except DatabaseError:
            return
        for kind, status, count, seconds in rows:
            depth.add_metric([kind, status], count)
            age.add_metric([kind, status], seconds)
        yield depth
        yield age


def _waiting() -> list[tuple[str, str, int, float]]:
    with platform_scope("metrics"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, status, count(*), extract(epoch FROM now() - min(created_at)) "
            "FROM outbox_outboxitem WHERE status IN ('PENDING', 'DEAD') GROUP BY kind, status"
        )
        rows: list[tuple[str, str, int, float]] = cursor.fetchall()
        return rows


def collect() -> bytes:
    """The metrics in Prometheus' text format."""
    registry = REGISTRY
    if settings.PROMETHEUS_MULTIPROC_DIR:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    outbox = CollectorRegistry()
    outbox.register(OutboxCollector())
    return generate_latest(registry) + generate_latest(outbox)
