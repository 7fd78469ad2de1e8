"""The addresses at which a WebSocket may be asked for, and who answers there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from conversations.socket.consumer import CustomerSocket

Socket = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

SOCKETS: Mapping[str, Socket] = {"/v1/ws": CustomerSocket.as_asgi()}
