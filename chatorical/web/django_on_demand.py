"""Django's own handler and addresses, imported by the first request for one of them.

They are the console, the admin calls and their description: a third of what a web process would
import at its start, and nothing that a customer or Telegram calls.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chatorical.web.fast_handler import Receive, Send, send_response
from kernel.http import as_domain_error, error_response
from kernel.service_threads import in_thread

Handler = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class DjangoOnDemand:
    """An ASGI application that is imported in a thread before its first request.

    Django would import the addresses on the event loop, which stands still meanwhile.
    """

    def __init__(self) -> None:
        self._loading = asyncio.Lock()
        self._handler: Handler | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve a request; those that come during the import wait for it."""
        try:
            handler = self._handler or await self._loaded()
        except Exception as error:  # noqa: BLE001 (the edge: whatever it is, the next call tries again)
            await send_response(error_response(as_domain_error(error)), send)
            return
        await handler(scope, receive, send)

    async def _loaded(self) -> Handler:
        async with self._loading:
            if self._handler is None:
                self._handler = await in_thread(_load)
            return self._handler


def _load() -> Handler:
    from django.core.handlers.asgi import ASGIHandler
    from django.urls import reverse

    # Imports the addresses, and maps their names.
    reverse("admin:index")
    return ASGIHandler()
