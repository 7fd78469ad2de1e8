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

from chatorical.kernel.database import drop_dead_connections

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_pool: ThreadPoolExecutor | None = None


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
    """Run a service call in the pool, in a copy of this context; raises what the call raises."""
    context = copy_context()

    def run() -> Result:
        try:
            return context.run(call, *args, **kwargs)
        except OperationalError:
            drop_dead_connections()
            raise
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_threads(), run)
