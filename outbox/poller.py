"""A sweep of the worker's own, so that items are delivered while Redis or beat is away.

Wake-ups come through the broker, whose connections may take half a minute to recover after it was
restarted, and longer when the connection is half dead. What is due is in the database, which is
all that a drain needs.
"""

import threading

import structlog
from django.db import connection

from kernel.context import adopt_request_id
from outbox import parking
from outbox.dispatcher import process_drain, stop_process_drain
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

SWEEP_SECONDS = 2.0
# In sweeps. What it finds was lost by rows that vanished, or were locked, as an older item ended.
_REPAIR_EVERY = 15


class Sweep:
    """One thread that drains at intervals until it is stopped."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        """Begin to sweep, once: a worker that finds its broker again says anew that it is ready."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping.set()
        stop_process_drain()

    def join(self) -> None:
        """Wait until what it had under way is recorded."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        sweeps = 0
        while not self._stopping.wait(SWEEP_SECONDS):
            adopt_request_id(None)
            sweeps += 1
            try:
                if sweeps % _REPAIR_EVERY == 0:
                    _repair()
                process_drain().run()
            except Exception:
                logger.exception("sweep_failed")


def _repair() -> None:
    try:
        with platform_scope("outbox drain"):
            count = parking.repair()
    finally:
        connection.close()
    if count:
        logger.warning("parked_items_repaired", count=count)
