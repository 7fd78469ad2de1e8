"""The servers a run needs: those named by the environment, embedded ones for the rest.

For tests that want servers which they may kill and restart:

    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as postgres:
        postgres.kill()
        postgres.start()

    with EmbeddedRedis(tmp_path / "redis", keep=False) as redis:
        redis.restart()

`.url` is the application's address, `.addresses` has those of all logins by their settings; they
stay the same over restarts.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devtools import environment as variables
from devtools import roles
from devtools.embedded import EmbeddedServer
from devtools.errors import LocalError, ServerFailed
from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "EmbeddedServer",
    "LocalError",
    "ServerFailed",
    "addresses_of",
    "bound_database",
    "embedded_for",
    "running",
    "without_libpq_variables",
]


def embedded_for(
    directory: Path, environment: Mapping[str, str], *, throwaway: bool = False
) -> dict[str, EmbeddedServer]:
    """The servers to embed under `directory`, by the variable that will hold their main address.

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
    """The databases' addresses anew where the user's own login would not be bound by policies.

    Empty when there is nothing to change, or when DATABASE_ROLE says that it is taken care of.
    """
    url = variables.find(environment, "DATABASE_URL")
    if url is None or variables.find(environment, "DATABASE_ROLE"):
        return {}
    if not roles.restrict(url):
        return {}
    return {
        "DATABASE_URL": roles.as_role(url, roles.APPLICATION_ROLE),
        "MIGRATE_DATABASE_URL": roles.as_role(url, roles.OWNER_ROLE),
    }


def without_libpq_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without PGHOST, PGPORT and the like, which would redirect every connection we make."""
    return {key: value for key, value in environment.items() if not key.startswith("PG")}


def addresses_of(servers: Iterable[EmbeddedServer]) -> dict[str, str]:
    """The settings that lead to these servers."""
    return {name: url for server in servers for name, url in server.addresses.items()}


@contextmanager
def running(
    directory: Path, environment: Mapping[str, str], *, throwaway: bool = False
) -> Iterator[dict[str, str]]:
    """Start what is missing and yield the variables to add to the environment; stops it after.

    The caller holds `directory` (see `instance.py`).
    """
    servers = embedded_for(directory, environment, throwaway=throwaway)
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        yield {**addresses_of(servers.values()), **bound_database(environment)}
