"""Django's own handler and addresses, imported by the first request for one of them.

They are the console, the admin calls and their description: a third of what a web process would
import at its start, and nothing that a customer or Telegram calls.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chatorical.web.fast_handler import Receive, Send
from kernel.service_threads import in_thread


class DjangoOnDemand:
    """An ASGI application that is imported in a thread before its first request.

    Django would import the addresses on the event loop, which stands still meanwhile.
    """

    def __init__(self) -> None:
        self._loading = asyncio.Lock()
        self._handler: Callable[[dict[str, Any], Receive, Send], Awaitable[None]] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve a request; those that come during the import wait for it."""
        if self._handler is None:
            async with self._loading:
                if self._handler is None:
                    self._handler = await in_thread(_load)
        await self._handler(scope, receive, send)


def _load() -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    from django.core.handlers.asgi import ASGIHandler
    from django.urls import reverse

    # Imports the addresses, and maps their names.
    reverse("admin:index")
    return ASGIHandler()
