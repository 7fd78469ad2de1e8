"""Who may call, and how every call refuses."""

import re

import pytest
import requests
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.operator import HEADER, operator_of

SOMEBODY = "0193d6a0-7c55-7cc1-8d1e-0f1f5a0c9a11"
CALLS = [
    ("GET", "/v1/conversations"),
    ("GET", f"/v1/conversations/{SOMEBODY}"),
    ("GET", f"/v1/conversations/{SOMEBODY}/export.json"),
    ("GET", f"/v1/conversations/{SOMEBODY}/export.csv"),
    ("POST", "/v1/moderation/close"),
    ("POST", "/v1/moderation/block"),
    ("POST", "/v1/admin/conversations/bulk-delete"),
    ("GET", "/v1/admin/agents"),
    ("POST", "/v1/admin/agents/upsert"),
    ("POST", "/v1/admin/agents/disable"),
    ("POST", "/v1/admin/agents/enable"),
    ("POST", "/v1/admin/agents/closing-message"),
    ("GET", "/v1/admin/agents/closing-messages"),
    ("GET", "/v1/admin/message-templates"),
    ("POST", "/v1/admin/message-templates/upsert"),
    ("POST", "/v1/admin/message-templates/delete-locale"),
    ("GET", "/v1/admin/settings"),
    ("POST", "/v1/admin/settings"),
    ("GET", "/v1/admin/health/deep"),
]
EVERY_CALL = pytest.mark.parametrize(("method", "path"), CALLS)
EVERY_POST = pytest.mark.parametrize("path", [path for method, path in CALLS if method == "POST"])


def views_behind_the_service_token() -> set[str]:
    """The routes of the product that v1 admin calls have."""
    found = set()

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif hasattr(pattern.callback, "cls") and route.startswith("v1/"):
                found.add("/" + route)

    walk(get_resolver().url_patterns, "")
    return found


def test_every_admin_route_is_tried_here() -> None:
    tried = {path.replace(SOMEBODY, "<uuid:conversation_id>") for _, path in CALLS}
    assert tried == views_behind_the_service_token()


@EVERY_CALL
def test_without_the_token_nothing_is_said(stage: Stage, method: str, path: str) -> None:
    for headers in (
        {},
        {HEADER: ""},
        {HEADER: "wrong"},
        {HEADER: settings.SERVICE_TOKEN[:-1]},
        {"Authorization": f"Bearer {settings.SERVICE_TOKEN}"},
    ):
        answer = requests.request(
            method, stage.web + path, json={}, headers=headers, timeout=30, allow_redirects=False
        )
        error = assert_refused(answer, 401, "unauthorized")
        assert "details" not in error
        assert HEADER.lower() not in answer.text.lower()


@EVERY_CALL
def test_another_method_is_refused(stage: Stage, method: str, path: str) -> None:
    for other in ("PUT", "DELETE", "PATCH"):
        if path.endswith("/closing-message"):
            continue
        answer = operator_of(stage).call(other, path, json={})
        assert_refused(answer, 405, "method_not_allowed")
        assert method in answer.headers["Allow"]


@EVERY_POST
def test_a_body_that_is_no_json_object_is_refused(stage: Stage, path: str) -> None:
    if path.endswith("/closing-message"):
        return
    operator = operator_of(stage)
    as_json = {"Content-Type": "application/json"}
    for body in (b"[]", b"{", b'"text"', b"\xff"):
        answer = operator.call("POST", path, data=body, headers=as_json)
        assert_refused(answer, 400, "invalid_json")
    form = operator.call("POST", path, data={"id": SOMEBODY})
    assert_refused(form, 415, "unsupported_media_type")
    large = operator.call("POST", path, data=b"{" + b" " * 300_000 + b"}", headers=as_json)
    assert_refused(large, 413, "payload_too_large")
    chunks = operator.call("POST", path, data=iter([b" " * 100_000] * 3), headers=as_json)
    assert_refused(chunks, 413, "payload_too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/admin/",
        "/v1/admin/nothing",
        "/v1/admin/agents/",
        "/v1/moderation/close/",
        "/v1/conversations/",
        "/v1/conversations/not-an-id",
        f"/v1/conversations/{SOMEBODY}/export.pdf",
        f"/v1/conversations/{SOMEBODY}/",
        "/v2/admin/nothing",
        "/v2/platform/nothing",
    ],
)
def test_an_unknown_address_is_json_too(stage: Stage, path: str) -> None:
    for method in ("GET", "POST"):
        assert_refused(operator_of(stage).call(method, path, json={}), 404, "not_found")


def test_whatever_is_accepted_json_comes(stage: Stage) -> None:
    answer = operator_of(stage).call(
        "GET", "/v1/admin/agents?format=html", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def test_another_tenants_conversation_does_not_exist(stage: Stage, acme: Tenant) -> None:
    theirs = stage.customer(tenant="acme")
    theirs.send("for acme only")
    operator = operator_of(stage)
    path = f"/v1/conversations/{theirs.conversation_id}"
    for what in ("", "/export.json", "/export.csv"):
        assert_refused(operator.call("GET", path + what), 404, "conversation_not_found")
    for what in ("close", "block"):
        answer = operator.call(
            "POST", f"/v1/moderation/{what}", json={"id": theirs.conversation_id}
        )
        assert_refused(answer, 404, "conversation_not_found")
    gone = operator.post("/v1/admin/conversations/bulk-delete", ids=[theirs.conversation_id])
    assert gone == {"deleted": 0}
    listed = [row["id"] for row in operator.get("/v1/conversations", limit=200)]
    assert theirs.conversation_id not in listed
    assert theirs.call("GET", "messages").json()["status"] == "OPEN_UNCLAIMED"


def test_ids_stay_out_of_metrics(stage: Stage) -> None:
    visitor = stage.customer()
    operator_of(stage).get(f"/v1/conversations/{visitor.conversation_id}")
    page = requests.get(f"{stage.web}/metrics", timeout=30).text
    assert 'surface="conversation"' in page
    assert visitor.conversation_id not in page
    assert not re.search(r'surface="[^"]*[0-9a-f]{8}-', page)
