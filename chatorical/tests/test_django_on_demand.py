"""The first request for one of Django's addresses, where they cannot be imported right then."""

import asyncio
import json
from typing import Any

import pytest

from chatorical.web import django_on_demand
from chatorical.web.django_on_demand import DjangoOnDemand


def test_an_import_that_fails_is_answered_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    messages: list[Any] = []

    async def receive() -> Any:
        if not messages:
            # The caller stays, and says nothing more.
            await asyncio.Event().wait()
        return messages.pop()

    def fail() -> Any:
        raise ImportError("no file descriptor was left")

    async def call_twice() -> None:
        application = DjangoOnDemand()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/nowhere",
            "query_string": b"",
            "headers": [],
        }
        with monkeypatch.context() as faulty:
            faulty.setattr(django_on_demand, "_load", fail)
            await application(scope, receive, send)
        messages.append({"type": "http.request", "body": b"", "more_body": False})
        await application(scope, receive, send)

    asyncio.run(call_twice())
    statuses = [message["status"] for message in sent if message["type"] == "http.response.start"]
    assert statuses == [500, 404]
    bodies = [json.loads(message["body"]) for message in sent if message.get("body")]
    assert [body["error"]["code"] for body in bodies] == ["internal_error", "not_found"]
