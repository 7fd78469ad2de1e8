"""PATCH …/name and …/locale, POST /v2/ws/token: what belongs to a conversation beside messages."""

from collections.abc import Callable
from uuid import uuid4

import pytest
import requests

from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer
from tests.forging import forge

Call = Callable[[Customer, str], requests.Response]


@pytest.fixture(scope="module")
def visitor(stage: Stage) -> Customer:
    """Somebody with a conversation."""
    return stage.customer()


def test_a_name_is_trimmed_and_answered(stage: Stage) -> None:
    visitor = stage.customer()
    answer = visitor.call("PATCH", "name", json={"name": "  Mara  "})
    assert answer.status_code == 200
    assert answer.json() == {"id": visitor.conversation_id, "customerName": "Mara"}


@pytest.mark.parametrize(
    "name", ["x", "", None, 5, "x" * 33, "www.evil", "a.bc", "nu\x00l", "\ud800x"]
)
def test_a_name_that_is_none(visitor: Customer, name: object) -> None:
    assert_refused(visitor.call("PATCH", "name", json={"name": name}), 400, "invalid_name")


def test_three_renames_a_day_and_refused_names_are_free(stage: Stage) -> None:
    visitor = stage.customer()
    for name in ("x", "Mara", "www.evil", "Mara B", "Mara C"):
        assert visitor.call("PATCH", "name", json={"name": name}).status_code in {200, 400}
    refused = visitor.call("PATCH", "name", json={"name": "Mara D"}, web=stage.second_web)
    assert_refused(refused, 429, "rate_limited")
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
    other = stage.customer().call("PATCH", "name", json={"name": "Mara"})
    assert other.status_code == 200, "the limit is the conversation's"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("lv-LV", "lv"),
        ("EN_us", "en"),
        ("de", "de"),
        (" pt-BR ", "pt"),
        ("fil-PH", "fil"),
        ("FIL_ph", "fil"),
        ("en--US", "en"),
        ("und", "default"),
        ("default", "default"),
        ("DEFAULT", "default"),
        (None, "default"),
        ("", "default"),
        ("e", "default"),
        ("12-34", "default"),
        ("😀😀", "default"),
        ("ßß", "default"),
        ("zh-Hant-TW-x-private-and-quite-long-indeed" * 10, "zh"),
        ("nu\x00l", "nu"),
    ],
)
def test_a_locale_is_its_language(visitor: Customer, given: str | None, kept: str) -> None:
    answer = visitor.call("PATCH", "locale", json={"locale": given})
    assert answer.status_code == 200
    assert answer.json() == {"id": visitor.conversation_id, "locale": kept}


@pytest.mark.parametrize("locale", [5, True, ["lv"], {"a": 1}])
def test_a_locale_is_a_text(visitor: Customer, locale: object) -> None:
    refused = visitor.call("PATCH", "locale", json={"locale": locale})
    assert_refused(refused, 400, "invalid_parameter")


@pytest.mark.parametrize("what", ["name", "locale"])
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"[]", "application/json", 400, "invalid_json"),
        (b"{", "application/json", 400, "invalid_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b" " * 300_000, "application/json", 413, "payload_too_large"),
    ],
)
def test_bodies_are_read_as_everywhere(
    visitor: Customer, what: str, body: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"Content-Type": content_type}
    assert_refused(visitor.call("PATCH", what, data=body, headers=headers), status, code)


CALLS: list[Call] = [
    lambda visitor, token: _with(visitor, token, "PATCH", "name", {"name": "Mara"}),
    lambda visitor, token: _with(visitor, token, "PATCH", "locale", {"locale": "lv"}),
    lambda visitor, token: _with(visitor, token, "POST", "messages", {"text": "Hello"}),
    lambda visitor, token: requests.post(
        f"{visitor.web}/v2/ws/token", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ),
]


def _with(
    visitor: Customer, token: str, method: str, what: str, body: dict[str, str]
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return visitor.call(method, what, json=body, headers=headers)


@pytest.mark.parametrize("call", CALLS, ids=["name", "locale", "send", "socket token"])
def test_only_a_genuine_token_opens(stage: Stage, call: Call) -> None:
    visitor = stage.customer()
    refused = [
        "",
        "nonsense",
        "a.b.c",
        "x" * 5000,
        forge(visitor, algorithm="none"),
        forge(visitor, algorithm="HS512"),
        forge(visitor, secret="a secret of somebody else that is long enough"),
        forge(visitor, aud="chatorical.socket"),
        forge(visitor, aud="chatorical"),
        forge(visitor, exp_in=-1),
        forge(visitor, exp=None),
        forge(visitor, exp="soon"),
        forge(visitor, jti=None),
        forge(visitor, jti="not a uuid"),
        forge(visitor, kid="0" * 8),
        forge(visitor, t="default"),
    ]
    for token in refused:
        assert_refused(call(visitor, token), 401, "invalid_token")
    assert call(visitor, forge(visitor)).status_code == 200
    assert call(visitor, visitor.token).status_code == 200


@pytest.mark.parametrize("call", CALLS[:3], ids=["name", "locale", "send"])
def test_a_token_is_for_one_conversation(stage: Stage, visitor: Customer, call: Call) -> None:
    assert_refused(call(visitor, stage.customer().token), 401, "invalid_token")


@pytest.mark.parametrize("call", CALLS, ids=["name", "locale", "send", "socket token"])
def test_a_conversation_that_is_gone(stage: Stage, call: Call) -> None:
    visitor = stage.customer()
    visitor.conversation_id = str(uuid4())
    assert_refused(call(visitor, forge(visitor)), 404, "conversation_not_found")


def test_a_tenant_that_is_gone(stage: Stage) -> None:
    visitor = stage.customer()
    token = forge(visitor, t=str(uuid4()))
    for call in CALLS:
        assert_refused(call(visitor, token), 404, "tenant_not_found")
