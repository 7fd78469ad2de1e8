"""The one thread of a worker that drains the outbox, woken or not.

It waits for a wake-up: beat sends one each second, and a commit one of its own (outbox/wake_up.py).
They come through the broker, whose connections may take half a minute to recover after it was
restarted, and longer when the connection is half dead. So it waits two seconds at most: what is due
is in the database, which is all that a drain needs.
"""

import threading
from time import monotonic

import structlog
from django.db import connection

from kernel.context import adopt_request_id
from outbox import parking
from outbox.dispatcher import process_drain
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
# What it finds was lost by rows that vanished, or were locked, as an older item ended.
_REPAIR_SECONDS = 30.0


class Poller:
    """Drains as often as it is woken, and at intervals, until it is stopped."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin, once: a worker that finds its broker again says anew that it is ready."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Claim nothing more."""
        process_drain().stop()

    def join(self) -> None:
        """Wait until what it had under way is recorded."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        drain = process_drain()
        repaired_at = monotonic()
        while not drain.is_stopping:
            adopt_request_id(None)
            try:
                if monotonic() - repaired_at > _REPAIR_SECONDS:
                    repaired_at = monotonic()
                    _repair()
                drain.run()
            except Exception:
                logger.exception("poll_failed")
            drain.rest(POLL_SECONDS)


def _repair() -> None:
    try:
        with platform_scope("outbox drain"):
            count = parking.repair()
    finally:
        connection.close()
    if count:
        logger.warning("parked_items_repaired", count=count)
