"""Processes under load: started as `./dev up` starts them, their logs in files.

The supervisor of the local stack would read every log line in our process and start again what
ends; here the load generator needs its CPU for itself, and an end is a failed measurement.
"""

import asyncio
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from devtools.errors import ProcessFailed
from devtools.service import Service

_POLL_SECONDS = 0.05
_TAIL_CHARACTERS = 3000


class Running:
    """One process of a service."""

    def __init__(self, service: Service, log: Path) -> None:
        self._service = service
        self._log = log
        self._popen: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready; raises ProcessFailed with its last words."""
        with self._log.open("wb") as output:
            self._popen = subprocess.Popen(  # noqa: ASYNC220 - forks, and waits for nothing
                self._service.argv(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(self._service.environment),
                cwd=self._service.directory,
                **self._service.popen_options(),
            )
        try:
            async with asyncio.timeout(self._service.ready_timeout_seconds):
                while not await self._is_ready():
                    if self._popen.poll() is not None:
                        raise ProcessFailed(f"{self._service.name} ended.\n{self._tail()}")
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise ProcessFailed(f"{self._service.name} is not ready.\n{self._tail()}") from None

    async def _is_ready(self) -> bool:
        if self._service.answers is not None:
            return await self._service.answers()
        return (self._service.ready_line or "") in self._log.read_text(errors="replace")

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-_TAIL_CHARACTERS:]

    @property
    def is_alive(self) -> bool:
        """Whether it runs still."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def seen(self) -> psutil.Process:
        """The process as the kernel knows it."""
        assert self._popen is not None
        return psutil.Process(self._popen.pid)

    @property
    def resident_bytes(self) -> int:
        """Its memory."""
        return int(self.seen.memory_info().rss)

    async def stop(self) -> None:
        """End it in good order, by force when that takes too long."""
        if self._popen is None:
            return
        for sent, seconds in (*self._service.stop_signals, (signal.SIGKILL, 10.0)):
            if self._popen.poll() is not None:
                return
            self._popen.send_signal(sent)
            try:
                await asyncio.to_thread(self._popen.wait, seconds)
            except subprocess.TimeoutExpired:
                continue


Group = Callable[[], list[psutil.Process]]


class CpuMeter:
    """CPU time that groups of processes have used."""

    def __init__(self, groups: dict[str, Group]) -> None:
        self._groups = groups
        self._begun: dict[str, dict[int, float]] = {}

    def start(self) -> None:
        """Count from now."""
        self._begun = self._read()

    def per(self, operations: float) -> dict[str, float]:
        """Milliseconds per operation since the start, by group; groups without processes left out.

        A process that has ended meanwhile takes its count with it.
        """
        used = {
            name: sum(seconds - self._begun[name].get(pid, 0.0) for pid, seconds in now.items())
            for name, now in self._read().items()
            if now
        }
        return {name: seconds * 1000 / max(1.0, operations) for name, seconds in used.items()}

    def _read(self) -> dict[str, dict[int, float]]:
        return {
            name: {process.pid: _seconds(process) for process in group()}
            for name, group in self._groups.items()
        }


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
