"""One life of one process, from its start to its end."""

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from devtools.errors import ProcessFailed
from devtools.output import Output
from devtools.service import Service

PROBE_INTERVAL_SECONDS = 0.05
KILLED_TIMEOUT_SECONDS = 10.0
READY_LINE_TIMEOUT_SECONDS = 20.0


class Child:
    """A started process. Make it in the event loop's thread, which must be the main one."""

    def __init__(self, service: Service, output: Output) -> None:
        self.service = service
        self.started_at = time.monotonic()
        self._output = output
        self._loop = asyncio.get_running_loop()
        self._said_ready = asyncio.Event()
        self._reaping = threading.Lock()
        self._reaped = False
        #: Set with the exit code when the process has ended.
        self.ended: asyncio.Future[int] = self._loop.create_future()
        output.forget(service.name)
        self._popen = subprocess.Popen(
            service.argv(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(service.environment),
            cwd=service.directory,
            **service.popen_options(),
        )
        # Threads, not the loop's own pipes and child watcher: a grandchild that keeps the pipe
        # open (a PostgreSQL backend after its parent was killed) must not hide the end.
        for work in (self._watch, self._read):
            threading.Thread(target=work, name=service.name, daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its process group."""
        return self._popen.pid

    @property
    def lived_seconds(self) -> float:
        """How long ago it was started."""
        return time.monotonic() - self.started_at

    def _watch(self) -> None:
        if hasattr(os, "waitid"):
            # Not yet reaped, the process keeps its number: the group that is ended here, with
            # whatever the process has left behind, cannot be another process's.
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._reaping:
            self._signal_group(signal.SIGKILL)
            code = self._popen.wait()
            self._reaped = True
        self._tell(lambda: self.ended.set_result(code))

    def _read(self) -> None:
        assert self._popen.stdout is not None
        wanted = self.service.ready_line
        for line in self._output.read(self.service.name, self._popen.stdout):
            if wanted is not None and wanted in line:
                self._tell(self._said_ready.set)

    def _tell(self, work: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:
            # The loop has closed: nobody waits any more.
            return

    async def wait_until_ready(self) -> None:
        """Return once the service is ready; raises ProcessFailed when it ends or takes too long."""
        ready = asyncio.ensure_future(self._become_ready())
        try:
            either: set[asyncio.Future[None] | asyncio.Future[int]] = {ready, self.ended}
            done, _ = await asyncio.wait(
                either,
                timeout=self.service.ready_timeout_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            ready.cancel()
        name = self.service.name
        if self.ended in done:
            raise ProcessFailed(
                f"{name} ended ({describe_exit(self.ended.result())}) before it was ready."
                f"{self._output.tail(name)}"
            )
        if ready not in done:
            raise ProcessFailed(
                f"{name} was not ready after {self.service.ready_timeout_seconds:.0f} s."
                f"{self._output.tail(name)}"
            )
        await ready
        await asyncio.to_thread(self.service.complete)

    async def _become_ready(self) -> None:
        if self.service.ready_line is not None:
            # A log level that hides the line must not look like a failure: by then, alive is ready.
            said = asyncio.ensure_future(self._said_ready.wait())
            await asyncio.wait({said}, timeout=READY_LINE_TIMEOUT_SECONDS)
            said.cancel()
        if self.service.answers is not None:
            while not await self.service.answers():
                await asyncio.wait({self.ended}, timeout=PROBE_INTERVAL_SECONDS)

    async def stop(self) -> None:
        """Stop in good order, by force when that takes too long; also what it has left behind."""
        steps = (*self.service.stop_signals, (signal.SIGKILL, KILLED_TIMEOUT_SECONDS))
        for sent, seconds in steps:
            if self.ended.done():
                break
            self.send(sent)
            await asyncio.wait({self.ended}, timeout=seconds)

    def send(self, sent: signal.Signals) -> None:
        """Signal the process itself; its own children are its business."""
        with self._reaping:
            if not self._reaped:
                os.kill(self.pid, sent)

    def kill(self) -> None:
        """SIGKILL for the whole process group, now."""
        with self._reaping:
            if not self._reaped:
                self._signal_group(signal.SIGKILL)

    def _signal_group(self, sent: signal.Signals) -> None:
        try:
            os.killpg(self.pid, sent)
        except (ProcessLookupError, PermissionError):
            # Nobody left in it (macOS answers "not permitted" for a group of zombies).
            return


def describe_exit(code: int) -> str:
    """`status 1` or `killed by SIGKILL`."""
    if code >= 0:
        return f"status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
