"""The one hop from the event loop to a thread where synchronous services run.

A bounded pool of its own: as many transactions at once as there are threads, the rest waits in the
loop. Each call gives its database connection back to psycopg's pool.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import OperationalError, connection

from chatorical.kernel.database import is_outage, renew_connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_pool: ThreadPoolExecutor | None = None
# Calls in the pool and before it; touched by the event loop only.
_waiting = 0


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
    global _waiting
    if _waiting >= settings.WEB_MAX_WAITING:
        raise Overloaded(f"{_waiting} calls are waiting")
    context = copy_context()

    def run() -> Result:
        try:
            return context.run(call, *args, **kwargs)
        except Exception as error:
            # Calls that answer errors themselves have renewed theirs in `kernel.http`.
            if is_outage(error):
                renew_connections(error)
            raise
        finally:
            connection.close()

    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads(), run)
    finally:
        _waiting -= 1
