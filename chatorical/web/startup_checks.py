"""What a server looks at before it serves."""

from concurrent.futures import ThreadPoolExecutor

from django.db import Error, connection

from chatorical.env import BadSetting
from tenants.checks import describe_lost_master_keys


def require_master_keys() -> None:
    """Stop the start, with one line, when a master key is lost that stored secrets need.

    Without a database nothing can be said, and the start goes on: `/ready` looks again.
    """
    # A thread of its own, since some servers import the application on their event loop.
    with ThreadPoolExecutor(1, thread_name_prefix="starting") as pool:
        problem = pool.submit(_problem).result()
    if problem is not None:
        raise BadSetting(f"chatorical: {problem}")


def _problem() -> str | None:
    try:
        return describe_lost_master_keys()
    except Error:
        return None
    finally:
        connection.close()
