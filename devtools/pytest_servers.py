"""Early pytest plugin (`-p devtools.pytest_servers`): servers up before settings load.

Only the controlling process starts them; xdist's workers inherit the addresses. They live under
`.data/test` (or `test-2` … when another run is on), are reused by the next run and end with this
one. With DATABASE_URL and REDIS_URL set nothing is started.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from devtools import instance, paths, servers

_stack = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper runs before pytest-django's own hook, which is where the settings are loaded."""
    # xdist's workers share the Redis server, and must not hear each other's pushes and tasks.
    os.environ["REDIS_PREFIX"] = (
        f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
    )
    if "PYTEST_XDIST_WORKER" not in os.environ:
        try:
            _start()
        except servers.LocalError as error:
            raise pytest.UsageError(str(error)) from error
    yield


def _start() -> None:
    wanted = servers.embedded_for(paths.data_root(), os.environ)
    if not wanted:
        os.environ.update(servers.bound_database(os.environ))
        return
    directory = _stack.enter_context(instance.owned_test_directory(paths.data_root(), "test"))
    added = _stack.enter_context(servers.running(directory, os.environ, throwaway=True))
    os.environ.update(added)
    # Generated secrets of a development run must not be read or written by tests.
    os.environ["CHATORICAL_DATA_DIR"] = str(directory)


def pytest_unconfigure() -> None:
    """Stop what was started here; also runs after a collection error or Ctrl-C."""
    _stack.close()
