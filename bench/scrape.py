"""What /metrics costs with many tenants: `python -m bench.scrape TENANTS`.

METRICS_TENANTS says how many of them have series of their own.

A process of its own counts as a web process does, in a directory of its own, and is scraped.
Prints JSON: series, bytes, seconds per scrape, and how much memory counting took.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

_SCRAPES = 5
_STATUSES = (200, 404, 500)


def main(tenants: int) -> dict[str, float]:
    """Count for so many tenants, then scrape."""
    import django

    django.setup()
    from prometheus_client import CollectorRegistry, generate_latest

    from chatorical.metrics import request_metrics
    from chatorical.web import metrics_endpoint
    from conversations import metrics as sockets
    from tenants import tenant_labels

    before = _resident_mib()
    for number in range(tenants):
        label = tenant_labels.label_of(f"shop-{number}")
        for status in _STATUSES:
            request_metrics.count_request(
                method="GET", surface="start", status=status, tenant_label=label, seconds=0.01
            )
        for outcome in ("stored", "rate_limited", "rejected"):
            sockets.FRAMES.labels(label, outcome).inc()
        sockets.FRAMES_SENT.labels(label).inc()
        sockets.SOCKETS.labels(label).inc()
    memory = _resident_mib() - before
    began = time.perf_counter()
    for _ in range(_SCRAPES):
        registry = CollectorRegistry()
        registry.register(metrics_endpoint.Counted())
        text = generate_latest(registry)
    return {
        "series": sum(not line.startswith(b"#") for line in text.splitlines()),
        "bytes": len(text),
        "seconds": (time.perf_counter() - began) / _SCRAPES,
        "mib": memory,
    }


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "chatorical.settings"
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        sys.stdout.write(json.dumps(main(int(sys.argv[1]))))
