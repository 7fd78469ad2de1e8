"""What the noisy tenant does, each as a context in which it goes on."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from bench import load
from bench.customers import Customer, checked
from bench.http import Client, LoadFailed, post_request
from bench.stage import Stage
from bench.websocket import open_socket
from devtools import paths
from devtools.errors import LocalError

TOKEN = "987654321:AAnoisynoisynoisynoisynoisynoisynoi"
CHAT_ID = -1009876543210
WAITING = 50_000
# Thirty messages in ten seconds are allowed to a conversation, by either way.
_TWENTY_TIMES_THE_LIMIT = 60
_LOUD_CONVERSATIONS = 3
_HANGING_CONVERSATIONS = 60
# With the export, all that one conversation may have at once.
_READERS = 3
_LONG_HISTORY = 5_000

_FILL_OUTBOX = """
    INSERT INTO outbox_outboxitem (tenant_id, kind, payload, ordering_key, idempotency_key, channel,
        lane, status, attempts, next_attempt_at, last_error, request_id, created_at)
    SELECT %s, 'telegram.post', '{}', 'bench:' || n, 'bench:' || n, %s, 20, 'PENDING', 0, now(),
        '', '', now() - interval '1 hour'
    FROM generate_series(1, %s) n
"""
_HOLD_CHANNEL = """
    INSERT INTO outbox_outboxhold (tenant_id, channel, held_until, reason, updated_at)
    VALUES (%s, %s, now() + interval '1 hour', '', now())
"""
_FILL_HISTORY = """
    INSERT INTO conversations_message (id, tenant_id, conversation_id, seq, direction, text,
        agent_name, template_key, created_at)
    SELECT gen_random_uuid(), tenant_id, id, last_seq + n, 'INBOUND', repeat('Long. ', 300), '', '',
        now() FROM conversations_conversation, generate_series(1, %s) n WHERE id = %s::uuid
"""
_GROW = "UPDATE conversations_conversation SET last_seq = last_seq + %s WHERE id = %s::uuid"


@dataclass(slots=True)
class Noisy:
    """The noisy tenant, seen from the load generator."""

    stage: Stage
    client: Client
    slug: str
    tenant_id: str
    api_key: str
    channel: str

    @classmethod
    async def arrive(cls, stage: Stage, client: Client) -> "Noisy":
        """Make the tenant with its own bot and group."""
        await asyncio.to_thread(stage.simulator.add_support_group, token=TOKEN, chat_id=CHAT_ID)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bench.noisy", TOKEN, str(CHAT_ID)],
            cwd=paths.ROOT,
            env=stage.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise LocalError(f"bench.noisy failed:\n{done.stderr[-3000:]}")
        return cls(stage, client, **json.loads(done.stdout))

    async def start(self, count: int) -> list[Customer]:
        """So many conversations of this tenant."""
        request = post_request(f"/v1/conversations/start?t={self.slug}", {"locale": "en"})
        started = [
            json.loads(checked(await self.client.exchange(request)).body) for _ in range(count)
        ]
        return [Customer(one["conversation_id"], one["token"]) for one in started]

    @asynccontextmanager
    async def calm(self) -> AsyncIterator[None]:
        """Do nothing."""
        yield

    @asynccontextmanager
    async def flood(self) -> AsyncIterator[None]:
        """Send at twenty times the limits, over HTTP and sockets; refusals are answers too."""
        customers = await self.start(_LOUD_CONVERSATIONS)
        sockets = [await open_socket(self.client.port, one.socket_path) for one in customers]

        async def over_http(number: int, _due: float) -> None:
            await self.client.exchange(customers[number % len(customers)].message("Again"))

        async def over_sockets(number: int, _due: float) -> None:
            sockets[number % len(sockets)].send(b"Again")

        rate = _TWENTY_TIMES_THE_LIMIT * _LOUD_CONVERSATIONS
        async with _going_on(
            lambda: load.paced(over_http, rate=rate, count=rate),
            lambda: load.paced(over_sockets, rate=rate, count=rate),
        ):
            yield
        for socket in sockets:
            socket.close()

    @asynccontextmanager
    async def hang(self) -> AsyncIterator[None]:
        """Have a group in Telegram that does not answer, and much to tell it."""
        fault = await asyncio.to_thread(
            lambda: self.stage.simulator.add_fault(
                "slow", chat_id=CHAT_ID, times=None, delay_ms=300_000
            )
        )
        for customer in await self.start(_HANGING_CONVERSATIONS):
            checked(await self.client.exchange(customer.message("Hello?")))
        yield
        await asyncio.to_thread(self.stage.simulator.remove_fault, fault)
        await self._forget_outbox()

    @asynccontextmanager
    async def backlog(self) -> AsyncIterator[None]:
        """Have fifty thousand items waiting for a budget."""
        rows = self.stage.database.rows
        await asyncio.to_thread(rows, _HOLD_CHANNEL, self.tenant_id, self.channel)
        await asyncio.to_thread(rows, _FILL_OUTBOX, self.tenant_id, self.channel, WAITING)
        # It is their waiting that is measured, and not that one transaction has written them all.
        await asyncio.to_thread(self.stage.database.vacuum)
        yield
        await self._forget_outbox()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        """Read a huge history over and over, and export it."""
        [customer] = await self.start(1)
        rows = self.stage.database.rows
        await asyncio.to_thread(rows, _FILL_HISTORY, _LONG_HISTORY, customer.conversation_id)
        await asyncio.to_thread(rows, _GROW, _LONG_HISTORY, customer.conversation_id)
        history = f"/v1/conversations/{customer.conversation_id}/messages"
        export = f"/v2/admin/conversations/{customer.conversation_id}/export.json"
        calls = [lambda: _download(self.client.port, history, customer.token)] * _READERS
        calls.append(lambda: _download(self.client.port, export, self.api_key))
        async with _going_on(*calls):
            yield

    async def _forget_outbox(self) -> None:
        """Drop what waits; what hangs ends by itself."""
        rows = self.stage.database.rows
        for table in ("outbox_outboxitem", "outbox_outboxhold"):
            await asyncio.to_thread(
                rows, f"DELETE FROM {table} WHERE tenant_id = %s", self.tenant_id
            )
        await asyncio.to_thread(self.stage.database.vacuum)


@asynccontextmanager
async def _going_on(*calls: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Repeat each of the calls until the context ends."""

    async def repeat(call: Callable[[], Awaitable[object]]) -> None:
        while True:
            with suppress(LoadFailed, ConnectionError):
                await call()

    async with AsyncExitStack() as stack:
        for call in calls:
            task = asyncio.create_task(repeat(call))
            stack.callback(task.cancel)
        yield


async def _download(port: int, path: str, token: str) -> None:
    """Read a whole answer, whatever its length."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        while await reader.read(65_536):
            pass
    finally:
        writer.close()
