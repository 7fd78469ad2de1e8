"""Conversations of thousands of long messages, and clients that do not read."""

import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection

from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.customer import Customer

LENGTH = 4000


def grow(visitor: Customer, tenant: Tenant, messages: int) -> None:
    """Give a conversation so many messages of the greatest length."""
    conversation_id = UUID(visitor.conversation_id)
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_message (id, tenant_id, conversation_id, seq, direction, "
            "text, agent_name, template_key, created_at) SELECT gen_random_uuid(), %s, %s, n, "
            "'INBOUND', rpad(n::text || ' ', %s, 'x'), '', '', now() FROM generate_series(1, %s) n",
            [tenant.pk, conversation_id, LENGTH, messages],
        )
        cursor.execute(
            "UPDATE conversations_conversation SET last_seq = %s WHERE id = %s",
            [messages, conversation_id],
        )


def memory_mib(pid: int) -> float:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def ask_and_not_read(web: str, path: str, headers: dict[str, str]) -> socket.socket:
    """A connection that has asked for something and takes in as little of it as possible."""
    parts = urlsplit(web)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.settimeout(60)
    deaf.connect((parts.hostname or "", parts.port or 0))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
    return deaf


def has_been_hung_up_on(deaf: socket.socket) -> bool:
    """Read what was on its way; whether it ended in the middle, by a reset or by an early end."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := deaf.recv(1 << 20):
            received = (received + piece)[-64:]
    return not received.endswith(b"0\r\n\r\n")


@contextlib.contextmanager
def closing(sockets: list[socket.socket]) -> Iterator[None]:
    """Close them at the end without ceremony."""
    try:
        yield
    finally:
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
