"""What the supervisor runs: a description of one long-lived process."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devtools import paths, process
from devtools.embedded import EmbeddedServer

StopSignals = tuple[tuple[signal.Signals, float], ...]


def _no_work() -> None:
    """Nothing to prepare, nothing to complete."""


@dataclass(frozen=True)
class Service:
    """One process: how to start it, when it is ready, how to stop it."""

    name: str
    argv: Callable[[], list[str]]
    #: Complete; nothing is inherited beside it.
    environment: Mapping[str, str]
    #: Asked again and again until it says yes; None when `ready_line` decides.
    answers: Callable[[], Awaitable[bool]] | None = None
    #: A text in the output that tells that the process is ready.
    ready_line: str | None = None
    ready_timeout_seconds: float = 60
    #: Blocking work before each start and after each time it became ready.
    prepare: Callable[[], None] = _no_work
    complete: Callable[[], None] = _no_work
    #: Signals to stop with and the seconds given to each; SIGKILL follows.
    stop_signals: StopSignals = ((signal.SIGTERM, 10.0),)
    popen_options: Callable[[], process.PopenOptions] = field(
        # A process of ours may be killed at any point without harm, and must not linger.
        default=lambda: process.popen_options(death_signal=signal.SIGKILL)
    )
    directory: Path = paths.ROOT


def from_server(server: EmbeddedServer) -> Service:
    """The service that runs an embedded server."""

    async def answers() -> bool:
        return await asyncio.to_thread(server.answers)

    return Service(
        name=server.name,
        argv=server.argv,
        environment=server.environment(),
        answers=answers,
        ready_timeout_seconds=30,
        prepare=server.prepare,
        complete=server.after_ready,
        stop_signals=server.stop_signals,
        popen_options=server.popen_options,
        directory=Path("/"),
    )
