"""The figures of the first version under the names that dashboards know, summed over tenants.

Conversations are those of the default tenant, which was the only one then.
"""

from collections.abc import Iterator
from time import monotonic

from django.db import Error
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, UntypedMetricFamily
from prometheus_client.registry import Collector

from conversations import selectors
from conversations.models import OPEN_STATUSES, Status
from kernel.database import is_outage
from tenants import configuration
from tenants.scope import tenant_scope

# All conversations of an index are counted, some tenths of a second for a million of them; a scrape
# comes every few seconds.
_REMEMBER_SECONDS = 300.0

_SUPPORT: dict[str, tuple[str, ...]] = {
    "support_open": OPEN_STATUSES,
    "support_closed": (Status.CLOSED,),
    "support_blocked": (Status.BLOCKED,),
}


class _Counts:
    """How many conversations are in each status, as of five minutes ago at most."""

    def __init__(self) -> None:
        self._by_status: dict[str, int] = {}
        self._until = 0.0

    def read(self) -> dict[str, int]:
        if self._until <= monotonic():
            with tenant_scope(configuration.default_tenant_id()) as tenant:
                self._by_status = selectors.count_by_status(tenant=tenant)
            self._until = monotonic() + _REMEMBER_SECONDS
        return self._by_status


_counts = _Counts()


class Aliases(Collector):
    """Reads the product's own figures of a registry, and the conversations by status."""

    def __init__(self, source: CollectorRegistry) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        """Six series; the three about conversations are left out while the database is away."""
        sums = dict.fromkeys(("sockets", "frames", "errors"), 0.0)
        for family in self._source.collect():
            for sample in family.samples:
                if sample.name == "chatorical_sockets":
                    sums["sockets"] += sample.value
                elif sample.name == "chatorical_socket_frames_sent_total":
                    sums["frames"] += sample.value
                elif sample.name == "chatorical_telegram_calls_total":
                    sums["errors"] += sample.value if sample.labels["outcome"] != "ok" else 0
        yield GaugeMetricFamily("ws_connections", "Open customer sockets.", sums["sockets"])
        yield UntypedMetricFamily("ws_outbound_messages", "Frames to customers.", sums["frames"])
        yield CounterMetricFamily(
            "telegram_errors", "Bot API calls that did not succeed.", sums["errors"]
        )
        try:
            by_status = _counts.read()
        except Error as error:
            if not is_outage(error):
                raise
            return
        for name, statuses in _SUPPORT.items():
            count = sum(by_status.get(status, 0) for status in statuses)
            yield GaugeMetricFamily(name, "Conversations of the default tenant.", count)
