"""Keeps the processes of one run alive, and ends all of them with it."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

from devtools.child import Child, describe_exit
from devtools.errors import LocalError, ProcessFailed
from devtools.output import Output
from devtools.service import Service

FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 10.0
# A process that lived this long has earned a fresh start without a pause.
SETTLED_AFTER_SECONDS = 30.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def together(*work: Coroutine[object, object, None]) -> None:
    """Do all of it side by side; the first failure ends the others and rises."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class Supervisor:
    """Starts groups of services in order, restarts what ends, stops all in reverse order.

    When the supervisor itself is killed, the kernel ends its children (`process.popen_options`).
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._groups: list[list[Service]] = []
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stop_asked = asyncio.Event()

    async def run(self, start: Callable[["Supervisor"], Awaitable[None]]) -> None:
        """Run `start`, then wait for Ctrl-C (or SIGTERM, SIGHUP), then stop everything.

        A failure of `start` stops what runs and rises. A second signal ends all at once.
        """
        loop = asyncio.get_running_loop()
        for sent in STOP_SIGNALS:
            loop.add_signal_handler(sent, self._ask_to_stop)
        starting = asyncio.ensure_future(start(self))
        asked = asyncio.ensure_future(self._stop_asked.wait())
        try:
            await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                await asked
        finally:
            for task in (starting, asked):
                task.cancel()
            await asyncio.wait({starting, asked})
            await self._stop_all()
            for sent in STOP_SIGNALS:
                loop.remove_signal_handler(sent)

    def _ask_to_stop(self) -> None:
        if self._stop_asked.is_set():
            for child in self._children.values():
                child.kill()
        self._stop_asked.set()

    async def start(self, *services: Service) -> None:
        """Start services side by side and wait until all are ready; raises ProcessFailed."""
        self._groups.append(list(services))
        await together(*(self._start_one(service) for service in services))

    async def _start_one(self, service: Service) -> None:
        child = await self._spawn(service)
        await child.wait_until_ready()
        self._keepers[service.name] = asyncio.ensure_future(self._keep(child))

    async def _spawn(self, service: Service) -> Child:
        await asyncio.to_thread(service.prepare)
        child = Child(service, self._output)
        self._children[service.name] = child
        return child

    async def _keep(self, child: Child) -> None:
        """Start the service again whenever it ends, with longer and longer pauses if it must be."""
        service = child.service
        pause = FIRST_PAUSE_SECONDS
        while True:
            code = await asyncio.shield(child.ended)
            if child.lived_seconds > SETTLED_AFTER_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._output.event(
                f"{service.name} ended ({describe_exit(code)}); starting it again.", "warn"
            )
            began = time.monotonic()
            while (revived := await self._revive(service)) is None:
                await asyncio.sleep(pause)
                pause = min(pause * 2, MAX_PAUSE_SECONDS)
            child = revived
            took = time.monotonic() - began
            self._output.event(f"{service.name} is back after {took:.1f} s.", "good")
            # One that ends again soon after has not earned a start at once.
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def _revive(self, service: Service) -> Child | None:
        """One attempt to start the service again; None when it failed, which is said."""
        try:
            child = await self._spawn(service)
            await child.wait_until_ready()
        except (LocalError, OSError) as error:
            self._output.event(str(error), "bad")
            failed = self._children.get(service.name)
            if failed is not None:
                await failed.stop()
            return None
        return child

    async def run_step(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Run a command to its end; raises ProcessFailed with its last words when it fails."""
        step = Service(name=name, argv=lambda: list(argv), environment=environment)
        child = Child(step, self._output)
        self._children[name] = child
        try:
            code = await asyncio.shield(child.ended)
        finally:
            await child.stop()
            del self._children[name]
        if code != 0:
            raise ProcessFailed(f"{name} failed ({describe_exit(code)}).{self._output.tail(name)}")

    async def _stop_all(self) -> None:
        for keeper in self._keepers.values():
            keeper.cancel()
        if self._keepers:
            await asyncio.wait(self._keepers.values())
        for group in reversed(self._groups):
            children = [self._children.get(service.name) for service in group]
            await asyncio.gather(*(child.stop() for child in children if child is not None))
