"""Pairs of servers of which one takes over: a standby of PostgreSQL, Redis with a Sentinel."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
import redis

from devtools import process
from devtools.embedded import EmbeddedServer, make_private_directory
from devtools.postgres import EmbeddedPostgres, _binaries
from devtools.redis import EmbeddedRedis
from tests.processes import free_port

PRIMARY = "mymaster"
SMALL_DISK_MIB = 256


class Standby(EmbeddedPostgres):
    """Follows another server, until it is promoted."""

    def __init__(self, directory: Path, primary: EmbeddedPostgres) -> None:
        super().__init__(directory, durable=False)
        self._primary = primary

    def _initialise(self) -> None:
        command = [
            *(str(_binaries() / "pg_basebackup"), "--pgdata", str(self.directory)),
            *("--host", str(self._primary.socket_directory), "--username", "postgres"),
            *("--checkpoint", "fast", "--write-recovery-conf", "--no-sync"),
        ]
        options = process.popen_options(death_signal=signal.SIGKILL, service_user=self._user)
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **options)
        assert done.returncode == 0, done.stderr
        # The primary's socket lies in its data directory.
        for copied in self.directory.glob(".s.PGSQL.*"):
            copied.unlink()

    def promote(self) -> None:
        """Take writes from now on; returns when it does."""
        with self.connect() as connection:
            assert connection.execute("SELECT pg_promote()").fetchone() == (True,)


def postgres_program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the servers' own version."""
    return str(_binaries() / name)


class TcpRedis(EmbeddedRedis):
    """One that Sentinels can name, of a pair."""

    def __init__(self, directory: Path, follows: int = 0) -> None:
        super().__init__(directory, keep=False)
        self.port = free_port()
        self._follows = follows

    def argv(self) -> list[str]:
        more = ["--replicaof", "127.0.0.1", str(self._follows)] if self._follows else []
        delay = ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"]
        return [*super().argv(), "--port", str(self.port), *delay, *more]


class Sentinel(EmbeddedServer):
    """Watches the pair, and makes the other one the primary when the first is away for a second."""

    name: ClassVar[str] = "sentinel"
    executable: ClassVar[str] = "redis-server"
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGTERM, 5.0),)
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, directory: Path, watched: int) -> None:
        super().__init__(directory)
        self.port = free_port()
        self._watched = watched
        self._binary = EmbeddedRedis(directory).argv()[0]

    @property
    def url(self) -> str:
        return f"sentinel://127.0.0.1:{self.port}/{PRIMARY}"

    @property
    def addresses(self) -> dict[str, str]:
        return {"REDIS_URL": self.url}

    def prepare(self) -> None:
        make_private_directory(self.directory, None)
        (self.directory / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.directory}\n"
            f"sentinel monitor {PRIMARY} 127.0.0.1 {self._watched} 1\n"
            f"sentinel down-after-milliseconds {PRIMARY} 1000\n"
            f"sentinel failover-timeout {PRIMARY} 5000\n"
        )

    def argv(self) -> list[str]:
        return [self._binary, str(self.directory / "sentinel.conf"), "--sentinel"]

    def popen_options(self) -> process.PopenOptions:
        return process.popen_options(death_signal=self.death_signal)

    def client(self) -> redis.Redis:
        """To ask it something."""
        return redis.Redis(port=self.port, socket_timeout=5, decode_responses=True)

    def answers(self) -> bool:
        """Whether it knows a replica that could take over."""
        try:
            with self.client() as client:
                [replica] = client.sentinel_slaves(PRIMARY)
                return "slave" in replica["flags"] and replica["master-link-status"] == "ok"
        except (redis.RedisError, ValueError, KeyError):
            return False


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk that can be filled; None where nothing may be mounted."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    size = f"size={SMALL_DISK_MIB}m,mode=0755"
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run(
            [mount, "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True
        ).returncode
    ):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def need_small_disk(disk: Path | None) -> Path:
    """The disk; skips where there is none."""
    if disk is None:
        pytest.skip("To fill a disk takes a tmpfs of one's own, and mounting is not allowed here.")
    return disk
