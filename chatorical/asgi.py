"""The ASGI application that every server runs."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from django.urls import URLResolver
from django.urls.resolvers import RegexPattern

from chatorical.gateway import Gateway
from chatorical.lean import LeanHandler
from conversations.consumers import SocketV1

application = Gateway(
    lean=LeanHandler(URLResolver(RegexPattern(r"^/"), "chatorical.lean_urls")),
    django=django_application,
    socket=SocketV1.as_asgi(),
)
