"""The servers a run needs: those named by the environment, embedded ones for the rest.

For tests that want servers which they may kill and restart:

    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as postgres:
        postgres.kill()
        postgres.start()

    with EmbeddedRedis(tmp_path / "redis", keep=False) as redis:
        redis.restart()

`.url` is the address for DATABASE_URL or REDIS_URL and stays the same over restarts.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from chatorical.local import environment as variables
from chatorical.local import roles
from chatorical.local.embedded import EmbeddedServer
from chatorical.local.errors import LocalError, ServerFailed
from chatorical.local.postgres import EmbeddedPostgres
from chatorical.local.redis import EmbeddedRedis

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "EmbeddedServer",
    "LocalError",
    "ServerFailed",
    "bound_database",
    "embedded_for",
    "running",
    "without_libpq_variables",
]


def embedded_for(
    directory: Path, environment: Mapping[str, str], *, throwaway: bool = False
) -> dict[str, EmbeddedServer]:
    """The servers to embed under `directory`, by the variable that will hold their address.

    A variable that `environment` sets already means a server of the user's own: none is embedded.
    `throwaway` is for tests: no fsync, an empty Redis.
    """
    servers: dict[str, EmbeddedServer] = {}
    if variables.find(environment, "DATABASE_URL") is None:
        servers["DATABASE_URL"] = EmbeddedPostgres(directory / "postgres", durable=not throwaway)
    if variables.find(environment, "REDIS_URL") is None:
        servers["REDIS_URL"] = EmbeddedRedis(directory / "redis", keep=not throwaway)
    return servers


def bound_database(environment: Mapping[str, str]) -> dict[str, str]:
    """DATABASE_URL anew where the login of the user's own would not be bound by its policies.

    Empty when there is nothing to change, or when DATABASE_ROLE says that it is taken care of.
    """
    url = variables.find(environment, "DATABASE_URL")
    if url is None or variables.find(environment, "DATABASE_ROLE"):
        return {}
    role = roles.restrict(url)
    return {"DATABASE_URL": roles.as_role(url, role)} if role else {}


def without_libpq_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without PGHOST, PGPORT and the like, which would redirect every connection we make."""
    return {key: value for key, value in environment.items() if not key.startswith("PG")}


@contextmanager
def running(
    directory: Path, environment: Mapping[str, str], *, throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Start what is missing and yield the variables to add to the environment; stops it after.

    The caller holds `directory` (see `instance.py`).
    """
    servers = embedded_for(directory, environment, throwaway=throwaway)
    with ExitStack() as stack:
        added = {name: stack.enter_context(server).url for name, server in servers.items()}
        yield {**added, **bound_database(environment)}
