"""Collecting metrics: this process's own, or those of every process on the machine.

With PROMETHEUS_MULTIPROC_DIR set, web, worker and beat write their figures to files there, and any
web process shows the sum; of gauges, the sum over the processes that live. The outbox's depth and
age, and what retention has left, are read from the database when asked.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from chatorical import metric_aliases
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


def collect() -> bytes:
    """The metrics in Prometheus' text format."""
    registry = REGISTRY
    if settings.PROMETHEUS_MULTIPROC_DIR:
        _forget_the_dead()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    stored = CollectorRegistry()
    stored.register(OutboxCollector())
    stored.register(RetentionCollector())
    stored.register(metric_aliases.Aliases(registry))
    return generate_latest(registry) + generate_latest(stored)


def forget_process(pid: int | None = None) -> None:
    """Take this process's gauges, or another one's, out of the sum; its counters stay."""
    if settings.PROMETHEUS_MULTIPROC_DIR:
        mark_process_dead(  # type: ignore[no-untyped-call]
            os.getpid() if pid is None else pid, settings.PROMETHEUS_MULTIPROC_DIR
        )


def _forget_the_dead() -> None:
    """A process that was killed could not say that its sockets are gone."""
    for file in Path(settings.PROMETHEUS_MULTIPROC_DIR).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _lives(int(pid)):
            forget_process(int(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
