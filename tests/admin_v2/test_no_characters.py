"""JSON can spell what is no character, or none that the database takes.

No such value breaks a call: not where it is stored, and not where a refusal quotes it.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import visit
from tests.customer import new_address
from tests.operator import Operator

HALF_A_PAIR = "\ud800"
NUL = "\x00"
Call = Callable[[dict[str, Any]], requests.Response]

# Bodies that are right, so that each value is looked at when the others have been found to be so.
CUSTOMER = [
    ("POST", "start", {"name": "Ana", "locale": "lv"}),
    ("POST", "{id}/messages", {"text": "Hello", "client_id": "c1"}),
    ("PATCH", "{id}/name", {"name": "Ana"}),
    ("PATCH", "{id}/locale", {"locale": "lv"}),
]
V1_ADMIN = [
    ("moderation/close", {"id": "{id}"}),
    ("moderation/block", {"id": "{id}"}),
    ("admin/conversations/bulk-delete", {"ids": [str(uuid4())]}),
    ("admin/conversations/bulk-delete", {"status": "x"}),
    ("admin/agents/upsert", {"tgId": "77", "displayName": "Ana"}),
    ("admin/agents/enable", {"tgId": "77"}),
    ("admin/agents/disable", {"tgId": "77"}),
    ("admin/agents/closing-message", {"tgId": "77", "text": "Bye", "message": "Bye"}),
    ("admin/message-templates/upsert", {"key": "closing_message", "locale": "xx", "text": "Bye"}),
    ("admin/message-templates/delete-locale", {"locale": "xx"}),
    ("admin/settings", {"welcome_message": ""}),
]
V2_ADMIN = [
    ("POST", "api-keys", {"name": "x", "scopes": ["admin:write"], "expires_at": None}),
    ("POST", "api-keys/{other}/rotate", {"overlap_seconds": 5}),
    ("POST", "conversations/bulk-delete", {"ids": [str(uuid4())]}),
    ("POST", "conversations/bulk-delete", {"status": "x"}),
    ("PATCH", "conversations/{id}", {"name": "Ana", "note": "x", "codename": "Red Owl #1"}),
    ("POST", "conversations/{id}/messages", {"text": "Hi", "agent_name": "Ana", "claim": False}),
    ("POST", "conversations/{id}/claim", {"agent_id": str(uuid4()), "take_over": False}),
    ("POST", "agents", {"channel_user_id": "78", "display_name": "Ana"}),
    ("PATCH", "agents/{other}", {"display_name": "Ana", "is_enabled": True}),
    ("POST", "conversations/{id}/thread", {"thread_id": "5"}),
]


def spoiled(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with one of its values, or a name, spoiled."""
    for bad in (HALF_A_PAIR, NUL):
        yield {**body, bad: bad}
        for name, value in body.items():
            for wrong in (bad, f"x{bad}", [bad], {bad: bad}):
                yield {**body, name: wrong}
            if isinstance(value, list):
                yield {**body, name: [*value, bad]}


def never_breaks(call: Call, body: dict[str, Any]) -> None:
    """Each spoiled body is carried out or refused in the envelope."""
    for wrong in spoiled(body):
        answer = call(wrong)
        assert answer.status_code < 500, (wrong, answer.text)
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"]


@pytest.mark.parametrize(("method", "path", "body"), CUSTOMER)
def test_from_customers(acme: Server, method: str, path: str, body: dict[str, Any]) -> None:
    customer = visit(acme)
    url = f"{acme.base_url}/v1/conversations/{path.format(id=customer.conversation_id)}"

    def call(wrong: dict[str, Any]) -> requests.Response:
        headers = {**customer.headers, "X-Forwarded-For": new_address()}
        return requests.request(method, url, json=wrong, headers=headers, timeout=30)

    never_breaks(call, body)


@pytest.mark.parametrize(("path", "body"), V1_ADMIN)
def test_from_the_operators_scripts(shop: Server, path: str, body: dict[str, Any]) -> None:
    operator, customer = Operator(shop.base_url), visit(shop)
    meant = {
        name: value.format(id=customer.conversation_id) if isinstance(value, str) else value
        for name, value in body.items()
    }
    never_breaks(lambda wrong: operator.call("POST", f"/v1/{path}", json=wrong), meant)


@pytest.mark.parametrize(("method", "path", "body"), V2_ADMIN)
def test_from_a_tenants_server(acme: Server, method: str, path: str, body: dict[str, Any]) -> None:
    place = path.format(id=visit(acme).conversation_id, other=uuid4())
    never_breaks(lambda wrong: acme.call(method, place, wrong), body)


def test_a_refusal_says_a_question_mark_instead(acme: Server) -> None:
    answer = acme.post("agents", {HALF_A_PAIR: 1})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"] == {"field": "?"}
