"""By which label a tenant is counted: busy ones by their slugs, all the rest together.

A series for each of thousands of tenants would make every scrape long. So METRICS_TENANTS tenants
at most have series of their own. Half of these places go to the tenants that come first, so that a
small installation sees each of its tenants; the others to tenants that make at least so large a
share of a process's requests and sockets that no more than METRICS_TENANTS tenants can have it at
one time.

A tenant that has a place keeps it, and counters never go back. With PROMETHEUS_MULTIPROC_DIR the
places are kept there, one for all processes of the machine and for those to come.
"""

import fcntl
import threading
from collections import Counter
from pathlib import Path

import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)

OTHER = "other"
# Requests and sockets of a process after which shares mean something.
_ENOUGH = 1_000
# Tenants without a place whose calls are counted; the least busy half is forgotten beyond that.
_MAX_COUNTED = 10_000
_FILE = "tenants.labels"


class TenantLabels:
    """The places of one process, or of all processes that share a directory."""

    def __init__(self, most: int, directory: Path | None) -> None:
        self._most = most
        self._file = None if directory is None else directory / _FILE
        self._lock = threading.Lock()
        self._placed: set[str] = set()
        self._calls = 0
        self._waiting: Counter[str] = Counter()

    def label_of(self, slug: str) -> str:
        """Count a request or a socket of the tenant; returns the label of its series."""
        if slug in self._placed:
            self._calls += 1
            return slug
        if not slug or slug == OTHER:
            return slug
        with self._lock:
            self._count(slug)
            is_busy = self._calls >= _ENOUGH and self._waiting[slug] * self._most >= self._calls
            if len(self._placed) < self._most and (is_busy or self._is_early(len(self._placed))):
                self._take_place(slug, is_busy=is_busy)
            return slug if slug in self._placed else OTHER

    def _count(self, slug: str) -> None:
        self._calls += 1
        self._waiting[slug] += 1
        if len(self._waiting) > _MAX_COUNTED:
            self._waiting = Counter(dict(self._waiting.most_common(_MAX_COUNTED // 2)))

    def _is_early(self, taken: int) -> bool:
        """Whether places are left for the tenants that come first."""
        return taken < self._most // 2

    def _take_place(self, slug: str, *, is_busy: bool) -> None:
        """Take one if there is one left: other processes may have taken some meanwhile."""
        if self._file is None:
            self._placed.add(slug)
            return
        try:
            with self._file.open("a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                taken = set(file.read().split())
                is_free = len(taken) < self._most and (is_busy or self._is_early(len(taken)))
                if slug not in taken and is_free:
                    file.write(f"{slug}\n")
                    taken.add(slug)
            self._placed = taken
        except OSError as error:
            # Counting goes on with places of this process's own.
            logger.warning("tenant_labels_not_shared", reason=error.strerror)
            self._file = None
            self._placed.add(slug)


def _shared() -> TenantLabels:
    directory = settings.PROMETHEUS_MULTIPROC_DIR
    return TenantLabels(settings.METRICS_TENANTS, Path(directory) if directory else None)


_labels = _shared()


def label_of(slug: str) -> str:
    """By which label this process counts a tenant now; '' for none, which has no place."""
    return _labels.label_of(slug)
