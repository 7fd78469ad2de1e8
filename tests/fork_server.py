"""Starts the product's processes from one that has imported the libraries, in a third of the time.

`ForkServer` is the tests' side. It starts `python -m tests.fork_server` once; that process imports
the libraries of the product, and nothing of the product itself nor its settings. Each fork then
takes its own environment, arguments and output, and runs `python -m MODULE` from the beginning,
in a process, with signals and sockets of its own. It ends when the tests do, and its forks with it.
"""

import atexit
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

# What takes long to import and reads neither settings nor environment when it is imported. Not
# prometheus_client: it decides at its import where it keeps its values.
LIBRARIES = (
    "asgiref.sync",
    "celery.bin.beat",
    "celery.bin.worker",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.fixups.django",
    "celery.worker.consumer",
    "channels.generic.websocket",
    "channels_redis.pubsub",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.hazmat.primitives.ciphers.aead",
    "django.contrib.admin.options",
    "django.contrib.postgres.fields",
    "django.contrib.postgres.search",
    "django.core.asgi",
    "django.core.management",
    "django.core.servers.basehttp",
    "django.db.backends.postgresql.base",
    "django.db.models",
    "django.forms",
    "django.template.loader_tags",
    "django.urls",
    "jwt",
    "kombu.transport.redis",
    "msgspec",
    "psycopg_pool",
    "redis.asyncio",
    "requests",
    "rich.traceback",
    "structlog",
    "uvicorn.__main__",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "yaml",
)
TIMEOUT_SECONDS = 60
_MAX_REQUEST_BYTES = 128 * 1024
_MAX_FDS = 16


class ForkedProcess:
    """One fork, to be asked what `subprocess.Popen` is asked."""

    def __init__(self, status: int, output: int) -> None:
        # The server writes two lines here: the process id, and how it has ended.
        self._status = os.fdopen(status)
        self.stdout = os.fdopen(output)
        if not _has_input(self._status, TIMEOUT_SECONDS):
            raise AssertionError(f"the fork server has not forked for {TIMEOUT_SECONDS} s")
        line = self._status.readline()
        if not line:
            raise AssertionError("the fork server has ended")
        self.pid = int(line)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, a negative signal number, or None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The same once it has ended; raises `subprocess.TimeoutExpired`."""
        code = self._ended(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self._code is None and _has_input(self._status, timeout):
            line = self._status.readline()
            self._status.close()
            # Without its server nobody else knows; it has been killed with it.
            self._code = int(line) if line else -signal.SIGKILL
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _has_input(file: TextIO, timeout: float | None) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(file, selectors.EVENT_READ)
        return bool(selector.select(timeout))


class ForkServer:
    """The tests' side; several threads may use it."""

    def __init__(self, directory: Path) -> None:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_server", str(other.fileno())],
                cwd=directory,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
            )

    def start(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> ForkedProcess:
        """`python -m MODULE ARGUMENTS` in this environment; output and errors in one stream."""
        request = json.dumps([module, *arguments]), json.dumps(dict(environment))
        output, output_end = os.pipe()
        status, status_end = os.pipe()
        try:
            sent = json.dumps(request).encode()
            assert len(sent) < _MAX_REQUEST_BYTES, "the environment is too long"
            socket.send_fds(self._socket, [sent], [output_end, status_end])
        finally:
            os.close(output_end)
            os.close(status_end)
        return ForkedProcess(status, output)

    def stop(self) -> None:
        """End it, and what it has started."""
        self._socket.close()
        try:
            self._server.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(TIMEOUT_SECONDS)
            raise AssertionError(
                f"the fork server did not end within {TIMEOUT_SECONDS} s"
            ) from None


_starting = threading.Lock()
_running: list[ForkServer] = []


def running(directory: Path) -> ForkServer:
    """This process's fork server; started when first asked for, ended with this process."""
    with _starting:
        if not _running:
            _running.append(ForkServer(directory))
            atexit.register(_running[0].stop)
        return _running[0]


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a fork would be what `python -m` is; some variables count only at the very start."""
    return hasattr(os, "pidfd_open") and not any(
        name.startswith(("PYTHON", "LD_")) and os.environ.get(name) != value
        for name, value in environment.items()
        if name != "PYTHONUNBUFFERED"
    )


def _serve(requests: socket.socket) -> list[str] | None:
    """Fork for each request until the tests are gone. Returns in a fork: its arguments."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the tests, which close the socket
    alive: dict[int, tuple[int, int]] = {}
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    while True:
        ready = {key.fd for key, _ in selector.select()}
        for ended in alive.keys() & ready:
            selector.unregister(ended)
            pid, status = alive.pop(ended)
            _, code = os.waitpid(pid, 0)
            _tell(status, os.waitstatus_to_exitcode(code))
            os.close(ended)
            os.close(status)
        if requests.fileno() not in ready:
            continue
        message, fds, _, _ = socket.recv_fds(requests, _MAX_REQUEST_BYTES, _MAX_FDS)
        if not message:
            for pid, _ in alive.values():
                os.kill(pid, signal.SIGKILL)
            return None
        output, status = fds
        pid = os.fork()
        if pid == 0:
            # It refers to itself: collected later, it would close what has its number by then.
            selector.close()
            words, environment = json.loads(message)
            _become(json.loads(environment), output)
            arguments: list[str] = json.loads(words)
            return arguments
        os.close(output)
        _tell(status, pid)
        pidfd = os.pidfd_open(pid)
        alive[pidfd] = pid, status
        selector.register(pidfd, selectors.EVENT_READ)


def _tell(status: int, number: int) -> None:
    try:
        os.write(status, b"%d\n" % number)
    except BrokenPipeError:
        return  # the test has ended without waiting for it


def _become(environment: dict[str, str], output: int) -> None:
    """Take the environment and output of the process that was asked for, and nothing else."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()


if __name__ == "__main__":
    for name in LIBRARIES:
        importlib.import_module(name)
    import gc

    gc.freeze()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        sys.argv = asked
        runpy.run_module(asked[0], run_name="__main__", alter_sys=True)
