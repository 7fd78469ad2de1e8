"""Collecting metrics: of every process of the machine, or of this one alone.

With PROMETHEUS_MULTIPROC_DIR set, as every shipped way of starting does, any web process shows the
sum over web, worker and beat. The outbox's depth and age, and what retention has left, are read
from the database when asked.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import Error, connection
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.registry import Collector

from chatorical.metrics import metric_aliases, process_metrics
from conversations.services import retention
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
        except Error:
            return
        for kind, status, count, seconds in rows:
            depth.add_metric([kind, status], count)
            age.add_metric([kind, status], seconds)
        yield depth
        yield age


class RetentionCollector(Collector):
    """Whether what should be deleted is deleted."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge; none while the database is away."""
        try:
            seconds = retention.overdue().total_seconds()
        except Error:
            return
        gauge = GaugeMetricFamily(
            "chatorical_retention_overdue_seconds",
            "For how long the longest overdue conversation has waited to be deleted.",
        )
        gauge.add_metric([], seconds)
        yield gauge


def _waiting() -> list[tuple[str, str, int, float]]:
    with platform_scope("metrics"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, status, count(*), extract(epoch FROM now() - min(created_at)) "
            "FROM outbox_outboxitem WHERE status IN ('PENDING', 'DEAD') GROUP BY kind, status"
        )
        rows: list[tuple[str, str, int, float]] = cursor.fetchall()
        return rows


class Counted(Collector):
    """What processes have counted, read once for all who ask in one scrape."""

    def __init__(self) -> None:
        shared = process_metrics.shared()
        if shared is None:
            # Nobody else is seen from here, so nobody is missed.
            own = process_metrics.count_by_role([], [settings.PROCESS_ROLE])
            self._families = [*REGISTRY.collect(), own]
        else:
            self._families = list(shared.collect())

    def collect(self) -> Iterable[Metric]:
        return self._families


def collect() -> bytes:
    """The metrics in Prometheus' text format."""
    counted = CollectorRegistry()
    counted.register(Counted())
    stored = CollectorRegistry()
    stored.register(OutboxCollector())
    stored.register(RetentionCollector())
    stored.register(metric_aliases.Aliases(counted))
    return generate_latest(counted) + generate_latest(stored)
