"""Calling in this process, and listening to what the database is asked meanwhile."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client

from tests.isolation import routes
from tests.isolation.routes import Route

# What differs from run to run: the names of savepoints and cursors.
_NAMES = re.compile(r"\b(?:s\d+_x\d+|_django_curs_\w+)\b")


class Watch:
    """Listens to every statement of every thread."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear(self, sql: object) -> None:
        """A statement as it is written, without its values."""
        self.heard.append(_NAMES.sub("_", str(sql)))

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """What is executed meanwhile."""
        heard: list[str] = []
        self.heard = heard
        yield heard
        self.heard = []


def asked(
    route: Route, values: dict[str, str], body: object, headers: dict[str, str], **query: str
) -> Any:
    """What the route answers, through the real URLconf."""
    path = route.path({name: "x" for name in routes.NO_IDS} | values)
    content: dict[str, Any] = (
        {} if body is None else {"data": body, "content_type": "application/json"}
    )
    call = getattr(Client(), route.method.lower())
    answer = call(path, headers=headers, query_params=query or None, **content)
    connection.close()
    return answer


def text_of(answer: Any) -> str:
    """All of an answer, however it comes."""
    if not answer.streaming:
        return str(answer.content.decode())

    async def gathered() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return (
        async_to_sync(gathered)() if answer.is_async else b"".join(answer.streaming_content)
    ).decode()
