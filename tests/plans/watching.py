"""What the database does for each statement of a call, seen while the product runs it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.plans.crowd import BIG

_PLANNED = ("SELECT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement and what it cost."""

    statement: str
    rows_read: int
    tables_read_whole: tuple[str, ...]
    plan: str

    def __str__(self) -> str:
        return f"{self.rows_read} rows\n{self.statement}\n{self.plan}"


@dataclass
class Watch:
    """Explains every statement on every connection while it is on.

    Each runs twice: first to be explained, in a savepoint that takes it back, then for the product.
    So the plan is that of the very statement, with its values, in its scope, as the restricted role
    under row-level security; and rows are counted, not estimated.
    """

    seen: list[Seen] = field(default_factory=list)
    _is_on: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def on(self) -> Iterator["Watch"]:
        """Watch this thread's connection, and those that threads of the product take."""
        # A wrapper stays on its connection object; while this is off it does nothing.
        connection.close()
        connection_created.connect(self._join, weak=False)
        self._is_on = True
        try:
            yield self
        finally:
            self._is_on = False
            connection_created.disconnect(self._join)
            connection.close()

    def _join(self, connection: BaseDatabaseWrapper, **_signal: object) -> None:
        connection.execute_wrappers[:] = [self._explain]

    def _explain(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        if self._is_on and sql.lstrip().upper().startswith(_PLANNED) and not many:
            found = _plan(context["connection"], sql, params)
            with self._lock:
                self.seen.append(found)
        return execute(sql, params, many, context)


def _plan(on: BaseDatabaseWrapper, sql: str, params: Any) -> Seen:
    with on.connection.cursor() as cursor:
        if on.in_atomic_block:
            cursor.execute("SAVEPOINT explained")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        (explained,) = cursor.fetchone()
        if on.in_atomic_block:
            cursor.execute("ROLLBACK TO SAVEPOINT explained")
            cursor.execute("RELEASE SAVEPOINT explained")
    plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
    scans = [node for node in _nodes(plan) if node["Node Type"].endswith("Scan")]
    return Seen(
        statement=" ".join(sql.split()),
        rows_read=sum(_rows(scan) for scan in scans if _is_big(scan)),
        tables_read_whole=tuple(
            scan["Relation Name"]
            for scan in scans
            if scan["Node Type"] == "Seq Scan" and _is_big(scan)
        ),
        plan="\n".join(_described(plan, 0)),
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _is_big(scan: dict[str, Any]) -> bool:
    # A bitmap's rows are counted where it is made: that node names no table, but only a large one
    # gets a bitmap.
    if scan["Node Type"].startswith("Bitmap"):
        return bool(scan["Node Type"] == "Bitmap Index Scan")
    return scan.get("Relation Name") in BIG


def _rows(scan: dict[str, Any]) -> int:
    passed_over = sum(count for name, count in scan.items() if name.startswith("Rows Removed by"))
    return int((scan["Actual Rows"] + passed_over) * scan["Actual Loops"] + 0.5)


def _described(node: dict[str, Any], depth: int) -> Iterator[str]:
    name = node.get("Index Name") or node.get("Relation Name") or ""
    conditions = [f"{key}: {node[key]}" for key in ("Index Cond", "Filter") if key in node]
    yield f"{'  ' * depth}{node['Node Type']} {name} [{_rows(node)}] {' '.join(conditions)}"
    for below in node.get("Plans", ()):
        yield from _described(below, depth + 1)
