"""The product under load: its processes around a database of its own and a simulated Telegram."""

import asyncio
import os
import resource
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
import redis

from bench.database import Database
from bench.http import Client, LoadFailed
from bench.process import CpuMeter, Running
from devtools import http_probe, paths, ports, stack
from devtools.errors import LocalError
from devtools.service import Service
from telegram_simulator.client import SimulatorClient, SupportGroup, running_simulator

BOT_TOKEN = "123456789:AAbenchbenchbenchbenchbenchbenchben"
CHAT_ID = -1001234567890
WEBHOOK_SECRET = "webhook-secret-of-the-bench"
HEADER_SECRET = "header-secret-of-the-bench"
# Limits are counted as in production, and never reached.
_UNREACHABLE = "1000000"
_SETTLE_SECONDS = 60


class Stage:
    """What scenarios measure. Web processes and the worker are started as scenarios need them."""

    def __init__(
        self,
        environment: Mapping[str, str],
        directory: Path,
        database: Database,
        simulator: SimulatorClient,
    ) -> None:
        self.environment = dict(environment)
        self.directory = directory
        self.database = database
        self.simulator = simulator
        self.group: SupportGroup
        self.web: list[Running] = []
        self.ports: list[int] = []
        self.worker: Running | None = None
        self._others: list[Running] = []
        self.cpu = CpuMeter(
            {
                "web": lambda: [one.seen for one in self.web],
                "worker": lambda: [self.worker.seen] if self.worker is not None else [],
                "postgres": database.processes,
                "redis": lambda: _redis_processes(environment["REDIS_URL"]),
                "load": lambda: [psutil.Process()],
            }
        )

    async def prepare(self) -> None:
        """Migrate, configure the channel, and let the worker tell Telegram about it."""
        self.group = await asyncio.to_thread(
            self.simulator.add_support_group, token=BOT_TOKEN, chat_id=CHAT_ID
        )
        await asyncio.to_thread(self.simulator.set_pacing, enabled=False)
        await self.manage("migrate --no-input --verbosity 0", "configure_default_channel")

    async def manage(self, *steps: str) -> None:
        """Run management commands; raises LocalError with what they said."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "devtools.management_steps", *steps],
            cwd=paths.ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise LocalError(f"{steps[0]} failed:\n{done.stderr[-3000:]}")

    # --- processes ---------------------------------------------------------------------------

    async def use_web(self, count: int) -> list[Client]:
        """Have just so many web processes; a client for each."""
        while len(self.web) > count:
            self.ports.pop()
            await self.web.pop().stop()
        while len(self.web) < count:
            port = ports.any_free()
            service = stack.web({**self.environment, "PORT": str(port)})
            self.web.append(await self._start(service, f"web-{len(self.web) + 1}"))
            self.ports.append(port)
        return [Client(port) for port in self.ports]

    async def fresh_web(self) -> Client:
        """One web process that has served nobody yet, for measurements of memory."""
        await self.use_web(0)
        return (await self.use_web(1))[0]

    async def use_worker(self, *, is_wanted: bool) -> None:
        """Have a worker, or none."""
        if is_wanted and self.worker is None:
            self.worker = await self._start(stack.worker(self.environment), "worker")
        elif not is_wanted and self.worker is not None:
            worker, self.worker = self.worker, None
            await worker.stop()

    async def start_bare(self) -> tuple[Running, int]:
        """The same server around an application that does nothing."""
        port = ports.any_free()
        command = [
            *(sys.executable, "-m", "uvicorn", "bench.bare_server:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--ws", "websockets-sansio"),
            *("--ws-per-message-deflate", "false", "--no-proxy-headers", "--no-server-header"),
            *("--no-access-log", "--log-level", "warning"),
        ]
        service = Service(
            name="bare server",
            argv=lambda: command,
            environment=self.environment,
            answers=http_probe.answers_ok("127.0.0.1", port, "/"),
        )
        running = await self._start(service, "bare")
        self._others.append(running)
        return running, port

    async def start_beat(self) -> None:
        """Celery's beat: sweeps are part of what the machine has to carry."""
        self._others.append(await self._start(stack.beat(self.environment), "beat"))

    async def _start(self, service: Service, name: str) -> Running:
        running = Running(service, self.directory / f"{name}.log")
        await running.start()
        return running

    async def stop(self) -> None:
        """End every process."""
        await self.use_worker(is_wanted=False)
        await self.use_web(0)
        for running in self._others:
            await running.stop()

    # --- between scenarios -------------------------------------------------------------------

    def waiting_items(self) -> int:
        """How many items are open."""
        count = self.database.rows("SELECT count(*) FROM outbox_outboxitem WHERE status='PENDING'")
        return int(str(count[0][0]))

    async def settle(self) -> None:
        """Wait until the worker has delivered every item."""
        for _ in range(_SETTLE_SECONDS * 10):
            if not await asyncio.to_thread(self.waiting_items):
                return
            await asyncio.sleep(0.1)
        raise LoadFailed(f"{self.waiting_items()} items are still waiting in the outbox")

    async def forget_backlog(self) -> None:
        """Drop what a scenario without a worker has queued, and level the tables."""
        await asyncio.to_thread(
            self.database.rows, "DELETE FROM outbox_outboxitem WHERE status = 'PENDING'"
        )
        await asyncio.to_thread(self.database.vacuum)


@asynccontextmanager
async def open_stage(results: Path) -> AsyncIterator[Stage]:
    """A stage in the servers that DATABASE_URL and REDIS_URL name."""
    _allow_many_files()
    inherited = dict(os.environ)
    if not {"DATABASE_URL", "REDIS_URL"} <= inherited.keys():
        raise LocalError("Start it with `./dev bench`, which brings PostgreSQL and Redis.")
    directory = results / "logs"
    directory.mkdir(parents=True, exist_ok=True)
    database = Database(inherited)
    await asyncio.to_thread(database.recreate)
    async with AsyncExitStack() as tidy:
        simulator = tidy.enter_context(running_simulator())
        environment = {**inherited, **_settings(simulator), **database.addresses}
        stage = Stage(environment, directory, database, simulator)
        tidy.push_async_callback(stage.stop)
        await stage.prepare()
        await stage.start_beat()
        yield stage


def _settings(simulator: SimulatorClient) -> dict[str, str]:
    return {
        # As in production: `python` is this one, logs are JSON.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "LOG_PRETTY": "false",
        "PYTHONUNBUFFERED": "1",
        "REDIS_PREFIX": f"bench-{secrets.token_hex(3)}",
        "TELEGRAM_API_URL": simulator.base_url,
        "TELEGRAM_GROUP_POINTS": _UNREACHABLE,
        "BOT_TOKEN": BOT_TOKEN,
        "SUPPORT_GROUP_ID": str(CHAT_ID),
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TELEGRAM_HEADER_SECRET": HEADER_SECRET,
        "PUBLIC_ORIGIN": "http://127.0.0.1:9",  # The bench delivers updates itself.
        "WS_MSGS_PER_WINDOW": _UNREACHABLE,
        **{
            f"RL_{name}_POINTS": _UNREACHABLE
            for name in ("START", "SEND", "HISTORY", "SESSION", "SESSION_ADDRESS")
        },
    }


def _redis_processes(url: str) -> list[psutil.Process]:
    with redis.Redis.from_url(url) as client:
        pid = int(client.info("server")["process_id"])
    return [psutil.Process(pid)] if psutil.pid_exists(pid) else []


def _allow_many_files() -> None:
    """A socket is a file on both sides; children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
