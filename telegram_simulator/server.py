"""The whole application and the process around it."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from telegram_simulator import directory
from telegram_simulator.bot_api import ABORT, BotApi, Receive, Scope, Send
from telegram_simulator.control import directory_routes, event_routes, fault_routes, group_routes
from telegram_simulator.control.web import answer, refuse, simulator
from telegram_simulator.directory import Seed
from telegram_simulator.engine import Simulator
from telegram_simulator.errors import ControlError

PAGE = Path(__file__).parent / "page"
SHUTDOWN_SECONDS = 2


def application(sim: Simulator, *, state_file: Path | None, seed: Seed) -> Any:
    """The ASGI application: `/bot…` straight to the Bot API, everything else through Starlette."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sim.open(state_file)
        directory.seed(sim, seed)
        yield
        await sim.close()

    web = Starlette(
        routes=[
            Route("/", _page),
            Route("/health", _health),
            Route("/file/bot{token}/{path:path}", _download),
            Mount(
                "/sim",
                routes=[
                    *event_routes.ROUTES,
                    *fault_routes.ROUTES,
                    *directory_routes.ROUTES,
                    *group_routes.ROUTES,
                ],
            ),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        exception_handlers={ControlError: refuse},
        lifespan=lifespan,
    )
    web.state.simulator = sim
    bot_api = BotApi(sim)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/bot"):
            await bot_api(scope, receive, send)
            return
        if _is_foreign_page(scope):
            foreign = JSONResponse(
                {"error": {"message": "another site's page may not do that"}}, 403
            )
            await foreign(scope, receive, send)
            return

        async def send_when_stored(message: MutableMapping[str, Any]) -> None:
            # Nothing tells of a change before the state file has it.
            sim.store.flush()
            await send(message)

        await web(scope, receive, send_when_stored)

    return app


def _is_foreign_page(scope: Scope) -> bool:
    """Whether a page of another origin wants to change something: the control API has no login."""
    if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
        return False
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"")
    return bool(origin) and origin.rpartition(b"//")[2] != headers.get(b"host", b"")


async def _page(request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"cache-control": "no-cache"})


async def _health(request: Request) -> Response:
    return answer({"ok": True})


async def _download(request: Request) -> Response:
    """A file's bytes, filled up to the size that was announced."""
    sim = simulator(request)
    bot = sim.bots_by_token.get(request.path_params["token"])
    for file in sim.store.files.values():
        if bot and file.path == request.path_params["path"]:
            return Response(file.content.ljust(file.size, b"\0"))
    return JSONResponse({"ok": False, "error_code": 404, "description": "Not Found"}, 404)


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a way for the application to cut the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[ABORT] = self._abort  # type: ignore[literal-required]

    def _abort(self) -> None:
        # Lingering for zero seconds makes the kernel send a reset instead of a tidy end.
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None and not self.transport.is_closing():
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class _Server(uvicorn.Server):
    """Ends the event streams first, so that a stop does not wait for open pages."""

    def __init__(self, config: uvicorn.Config, sim: Simulator) -> None:
        super().__init__(config)
        self._sim = sim

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # Started on port 0, this line says that we are ready, and where.
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            sys.stdout.write(f"listening on http://{host}:{port}\n")
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._sim.changes.close()
        super().handle_exit(sig, frame)


def serve(*, host: str, port: int, state_file: Path | None, seed: Seed, random_seed: int) -> None:
    """Run until SIGTERM or SIGINT."""
    sim = Simulator(seed=random_seed)
    config = uvicorn.Config(
        application(sim, state_file=state_file, seed=seed),
        host=host,
        port=port,
        http=_Protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = _Server(config, sim)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve())
