"""PostgreSQL and Redis: away, silent, and refusing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import redis

from devtools.embedded import EmbeddedServer
from devtools.postgres import APPLICATION_DATABASE
from tests.chaos.kinds.processes import standing_still
from tests.chaos.scene import Happening, Kind, Scene

_Pick = Callable[[Scene], EmbeddedServer]


def _postgres(scene: Scene) -> EmbeddedServer:
    return scene.world.postgres


def _redis(scene: Scene) -> EmbeddedServer:
    return scene.world.redis


def _away(pick: _Pick, how: Callable[[EmbeddedServer], None]) -> Happening:
    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        how(pick(scene))
        try:
            yield
        finally:
            pick(scene).start()

    return happen


def _frozen(pick: _Pick) -> Happening:
    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        server = psutil.Process(pick(scene).pid)
        with standing_still([server, *server.children(recursive=True)]):
            yield

    return happen


# --- Redis -----------------------------------------------------------------------------------


@contextmanager
def _client(scene: Scene) -> Iterator[redis.Redis]:
    path = str(scene.world.redis.socket_path)
    with redis.Redis(unix_socket_path=path, socket_timeout=10) as client:
        yield client


@contextmanager
def _read_only_redis(scene: Scene) -> Iterator[None]:
    with _client(scene) as client:
        client.replicaof("127.0.0.1", 1)
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def _full_redis(scene: Scene) -> Iterator[None]:
    with _client(scene) as client:
        client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


@contextmanager
def _flushed(scene: Scene) -> Iterator[None]:
    with _client(scene) as client:
        client.flushall()
        yield
        client.flushall()


# --- PostgreSQL ------------------------------------------------------------------------------

_END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    f"WHERE datname = '{APPLICATION_DATABASE}' AND pid <> pg_backend_pid()"
)


@contextmanager
def _sessions_ended(scene: Scene) -> Iterator[None]:
    scene.world.rows(_END_SESSIONS)
    yield
    scene.world.rows(_END_SESSIONS)


@contextmanager
def _read_only(scene: Scene) -> Iterator[None]:
    setting = f"ALTER DATABASE {APPLICATION_DATABASE}"
    with scene.world.postgres.connect() as connection:
        connection.execute(f"{setting} SET default_transaction_read_only = on".encode())
        connection.execute(_END_SESSIONS.encode())
        try:
            yield
        finally:
            connection.execute(f"{setting} RESET default_transaction_read_only".encode())


def _locked(statement: str) -> Happening:
    """Another session holds a lock, longer than anybody waits for it where the fault lasts."""

    @contextmanager
    def happen(scene: Scene) -> Iterator[None]:
        customer = scene.random.choice(scene.visitors).customer
        with (
            scene.world.postgres.connect(APPLICATION_DATABASE) as connection,
            connection.transaction(force_rollback=True),
        ):
            connection.execute(statement.format(id=customer.conversation_id).encode())
            yield

    return happen


_ROW = "SELECT 1 FROM conversations_conversation WHERE id = '{id}' FOR UPDATE"
_TABLE = "LOCK TABLE conversations_message IN EXCLUSIVE MODE"
_OUTBOX = "LOCK TABLE outbox_outboxitem IN EXCLUSIVE MODE"
_AGE = (
    "UPDATE outbox_outboxitem SET created_at = created_at - interval '1 hour', next_attempt_at = "
    "next_attempt_at - interval '1 hour' WHERE status = 'PENDING' AND lease IS NULL",
    "UPDATE outbox_outboxhold SET held_until = held_until - interval '1 hour'",
    "UPDATE conversations_conversation SET created_at = created_at - interval '1 hour'",
)


@contextmanager
def _an_hour_later(scene: Scene) -> Iterator[None]:
    """To what is stored it is as if the clock had jumped ahead: all that waits is due at once."""
    for statement in _AGE:
        scene.world.rows(statement)
    yield


KINDS = (
    Kind("redis killed", "redis", _away(_redis, EmbeddedServer.kill)),
    Kind("redis paused", "redis", _frozen(_redis)),
    Kind("redis flushed", "redis", _flushed),
    Kind("redis read-only", "redis", _read_only_redis),
    Kind("redis out of memory", "redis", _full_redis),
    Kind("postgres sessions ended", "postgres", _sessions_ended),
    Kind("postgres paused", "postgres", _frozen(_postgres)),
    Kind("postgres restarted", "postgres", _away(_postgres, EmbeddedServer.stop)),
    Kind("postgres killed", "postgres", _away(_postgres, EmbeddedServer.kill)),
    Kind("postgres read-only", "postgres", _read_only),
    Kind("conversation locked", "postgres", _locked(_ROW)),
    Kind("messages locked", "postgres", _locked(_TABLE)),
    Kind("outbox locked", "postgres", _locked(_OUTBOX)),
    Kind("clock an hour ahead", "clock", _an_hour_later),
)
