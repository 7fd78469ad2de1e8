"""Ask a process over HTTP whether it is ready."""

import asyncio
from collections.abc import Awaitable, Callable

TIMEOUT_SECONDS = 2.0


def answers_ok(host: str, port: int, path: str) -> Callable[[], Awaitable[bool]]:
    """A probe: whether `GET path` is answered with 200 within two seconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()

    async def probe() -> bool:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await _status(host, port, request) == b"200"
        except (OSError, TimeoutError):
            return False

    return probe


async def _status(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        status_line = await reader.readline()
    finally:
        writer.close()
    parts = status_line.split()
    return parts[1] if len(parts) > 1 else b""
