"""The one hop from the event loop to a thread where synchronous services run.

A bounded pool of its own: as many transactions at once as there are threads, the rest waits in the
loop. Each call gives its database connection back to psycopg's pool.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import OperationalError, connection

from kernel.context import gathered_facts
from kernel.database import is_outage, renew_connections
from kernel.fair_turns import FairTurns

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_pool: ThreadPoolExecutor | None = None
# Calls in the pool and before it; touched by the event loop only.
_waiting = 0

# Threads that work for one conversation, say, at the same time: where they all wait for one lock,
# the others still serve everybody else.
_THREADS_OF_ONE = 2
# Calls for one that may wait; more are more than it will ever catch up with.
_MAX_WAITING_OF_ONE = 200


class _Line:
    """The calls for one subject."""

    __slots__ = ("calls", "threads")

    def __init__(self) -> None:
        self.calls = 0
        self.threads = asyncio.Semaphore(_THREADS_OF_ONE)


_lines: dict[Hashable, _Line] = {}
# Whose a subject is, as its last call has found: whose turn the next one takes. Nothing but a wait
# depends on it.
_MAX_KNOWN_OWNERS = 10_000
_owners: OrderedDict[Hashable, Hashable] = OrderedDict()
_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, FairTurns]" = WeakKeyDictionary()


class Overloaded(OperationalError):
    """More calls are waiting for the database than it will ever catch up with."""


def _threads() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="service")
    return _pool


async def in_thread(
    call: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Run a service call in the pool, in a copy of this context; raises what the call raises.

    Raises Overloaded at once when too many calls are waiting already.
    """
    with _counted():
        return await _run(partial(call, *args, **kwargs))


async def _run(call: Callable[[], Result]) -> Result:
    context = copy_context()

    def run() -> Result:
        try:
            return context.run(call)
        except Exception as error:
            # Calls that answer errors themselves have renewed theirs in `kernel.http`.
            if is_outage(error):
                renew_connections(error)
            raise
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_threads(), run)


@contextmanager
def _counted() -> Iterator[None]:
    global _waiting
    if _waiting >= settings.WEB_MAX_WAITING:
        raise Overloaded(f"{_waiting} calls are waiting")
    _waiting += 1
    try:
        yield
    finally:
        _waiting -= 1


async def in_thread_of(
    subject: Hashable,
    call: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """As `in_thread`, with at most two threads at a time for one subject; the rest waits in order.

    A subject is what calls may wait for one after another, such as a conversation with its lock.
    Subjects of one tenant, once their calls have told it, share that tenant's turns.
    """
    line = _lines.get(subject)
    if line is None:
        line = _lines[subject] = _Line()
    if line.calls >= _MAX_WAITING_OF_ONE:
        raise Overloaded(f"{line.calls} calls are waiting for one")
    line.calls += 1
    try:
        async with line.threads:
            with _counted():
                return await _run_in_turn(subject, partial(call, *args, **kwargs))
    finally:
        line.calls -= 1
        if not line.calls:
            _lines.pop(subject, None)


async def _run_in_turn(subject: Hashable, call: Callable[[], Result]) -> Result:
    owner = _owners.get(subject)
    turn = None if owner is None else await _fair_turns().take(owner)
    try:
        return await _run(call)
    finally:
        if turn is not None:
            turn.end()
        _note_owner(subject)


def _fair_turns() -> FairTurns:
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = FairTurns(settings.WEB_THREADS)
    return turns


def _note_owner(subject: Hashable) -> None:
    owner = gathered_facts().get("tenant_id")
    if owner is not None:
        _owners[subject] = owner
        _owners.move_to_end(subject)
        if len(_owners) > _MAX_KNOWN_OWNERS:
            _owners.popitem(last=False)
