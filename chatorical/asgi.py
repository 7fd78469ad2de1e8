"""The ASGI application that every server runs."""

import asyncio
import contextlib
import gc
import os

# What is imported stays: no collection has to look for garbage in it.
gc.disable()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")

import django

django.setup(set_prefix=False)

from django.urls import URLResolver
from django.urls.resolvers import RegexPattern

from chatorical.web.django_on_demand import DjangoOnDemand
from chatorical.web.fast_handler import FastHandler
from chatorical.web.gateway import Gateway
from chatorical.web.socket_routes import SOCKETS
from chatorical.web.startup_checks import require_master_keys
from conversations.socket import realtime
from conversations.socket.open_sockets import OPEN_SOCKETS
from kernel import watchdog
from kernel.watchdog import Activity

require_master_keys()


def _prepare() -> None:
    """Settle in on the server's loop, where the server tells (daphne does not; it works too)."""
    # Pushes leave from here; otherwise the first of them would start a loop of its own.
    loop = asyncio.get_running_loop()
    realtime.use_loop(loop)
    turns = Activity("event loop")
    watchdog.start(turns, before_check=lambda: _ask_for_a_turn(loop, turns))
    # What the program itself is made of lives to the end: no collection needs to look at it again.
    gc.collect()
    gc.freeze()


def _finish() -> None:
    OPEN_SOCKETS.leave_all()
    watchdog.stop()


def _ask_for_a_turn(loop: asyncio.AbstractEventLoop, turns: Activity) -> None:
    # A loop that closes at this moment is at the end of its process.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(turns.mark)


application = Gateway(
    fast=FastHandler(URLResolver(RegexPattern(r"^/"), "chatorical.web.fast_urls")),
    django=DjangoOnDemand(),
    sockets=SOCKETS,
    prepare=_prepare,
    finish=_finish,
)
gc.enable()
