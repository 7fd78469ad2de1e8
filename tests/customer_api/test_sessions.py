"""Sessions: a browser that comes back to its conversation by a key, without a token at rest."""

from datetime import timedelta
from time import time
from uuid import UUID, uuid4

import jwt
import pytest
import requests

from conversations.models import Conversation
from conversations.sessions.models import Session
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage
from tests.customer import Socket, arrive
from tests.keyed_browser import Key, KeyedBrowser, age


@pytest.fixture
def browser(stage: Stage, acme: Tenant) -> KeyedBrowser:
    """A browser of a visitor to acme's website, who has begun a conversation."""
    return KeyedBrowser(stage.web, tenant="acme").start(name="Mara", locale="pt-BR")


def test_a_session_begins_with_a_conversation(stage: Stage, acme: Tenant) -> None:
    answer = KeyedBrowser(stage.web, tenant="acme").try_start(name="Mara", locale="pt-BR")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {
        *("session_id", "conversation_id", "codename"),
        *("token", "expires_in", "challenge"),
    }
    assert UUID(body["session_id"]).version == 4, "not guessable"
    assert body["expires_in"] == 300
    claims = jwt.decode(body["token"], options={"verify_signature": False})
    assert claims["t"] == str(acme.pk) and claims["sub"] == body["conversation_id"]
    with tenant_scope(acme.pk):
        session = Session.objects.select_related("conversation").get(pk=body["session_id"])
    assert session.conversation is not None
    assert session.conversation.customer_name == "Mara"
    assert session.conversation.locale == "pt-br", "the whole tag"
    assert session.device == "Chrome on Windows"


def test_a_challenge_that_its_key_has_signed_is_worth_a_token(browser: KeyedBrowser) -> None:
    answer = browser.on_session("challenge")
    assert answer.status_code == 200
    assert set(answer.json()) == {"challenge", "expires_in"}
    assert answer.json()["expires_in"] == 60
    token = browser.answer(answer.json()["challenge"])
    assert token.status_code == 200
    assert set(token.json()) == {"token", "expires_in"} and token.json()["expires_in"] == 300
    browser.started["token"] = token.json()["token"]
    assert browser.customer().send("Hello")["seq"] == 1


def test_the_first_challenge_comes_with_the_start(browser: KeyedBrowser) -> None:
    assert browser.answer(browser.started["challenge"]).status_code == 200


def test_an_origin_that_is_no_pages_is_refused(stage: Stage) -> None:
    """The default tenant allows every page in development."""
    answer = requests.post(
        f"{stage.web}/v2/sessions?t=default",
        json={"public_key": Key().jwk},
        headers={"Origin": f"https://{'a' * 300}.example"},
        timeout=30,
    )
    assert_refused(answer, 403, "origin_not_allowed")


def test_a_signature_may_be_padded(browser: KeyedBrowser) -> None:
    challenge = browser.started["challenge"]
    assert browser.answer(challenge, browser.key.sign(challenge) + "==").status_code == 200


def test_the_token_does_all_that_a_customer_does(browser: KeyedBrowser) -> None:
    mara = browser.come_back().customer()
    mara.send("Hello")
    mara.rename("Mara Liepa")
    assert mara.call("PATCH", "locale", json={"locale": "de"}).status_code == 200
    read = mara.call("GET", "messages")
    assert [message["text"] for message in read.json()["messages"]] == ["Hello"]
    issued = requests.post(f"{mara.web}/v2/ws/token", headers=mara.headers, timeout=30)
    assert issued.json()["expires_in"] == 60
    address = mara.web.replace("http://", "ws://")
    socket = Socket(f"{address}/v1/ws", subprotocols=["chatorical.v2", issued.json()["token"]])
    assert socket.next() == {"ok": True}
    socket.close()


@pytest.mark.parametrize("away", [timedelta(hours=26), timedelta(days=29)])
def test_a_browser_comes_back_to_its_conversation(
    browser: KeyedBrowser, acme: Tenant, away: timedelta
) -> None:
    browser.customer().send("Before")
    age(acme.pk, browser.session_id, away)
    browser.come_back()
    assert browser.customer().send("After")["seq"] == 2
    age(acme.pk, browser.session_id, timedelta(days=29))
    browser.come_back()


def test_a_session_that_was_not_used_for_long_has_ended(
    browser: KeyedBrowser, acme: Tenant
) -> None:
    challenge = browser.challenge()
    age(acme.pk, browser.session_id, timedelta(days=31))
    for refused in (browser.on_session("challenge"), browser.answer(challenge)):
        error = assert_refused(refused, 410, "session_ended")
        assert error["details"] == {"reason": "expired"}


def test_how_long_it_lives_is_the_tenants_to_say(browser: KeyedBrowser, acme: Tenant) -> None:
    with setting(acme, "sessions.days", 2):
        browser.come_back()
    age(acme.pk, browser.session_id, timedelta(days=3))
    assert_refused(browser.on_session("challenge"), 410, "session_ended")


def test_tabs_answer_challenges_side_by_side(browser: KeyedBrowser) -> None:
    first, second = browser.challenge(), browser.challenge()
    assert browser.answer(second).status_code == 200
    assert browser.answer(first).status_code == 200


def test_what_an_older_widget_has_begun_goes_on(stage: Stage, acme: Tenant) -> None:
    mara = arrive(stage.web, tenant="acme")
    mara.send("Hello")
    browser = KeyedBrowser(stage.web, tenant="acme").start(mara.token)
    assert browser.started["conversation_id"] == mara.conversation_id
    assert browser.started["codename"] == mara.codename
    assert browser.come_back().customer().send("Still here")["seq"] == 2
    again = KeyedBrowser(stage.web).start(browser.token)
    assert again.started["conversation_id"] == mara.conversation_id, "the token names the tenant"
    assert mara.send("So does the first token")["seq"] == 3


def test_a_token_that_is_none_continues_nothing(stage: Stage, acme: Tenant) -> None:
    refused = KeyedBrowser(stage.web, tenant="acme").try_start("no.such.token")
    assert_refused(refused, 401, "invalid_token")


def test_forgetting_ends_the_session(browser: KeyedBrowser, stage: Stage) -> None:
    path = f"/v2/sessions/{browser.session_id}"
    assert_refused(browser.call("DELETE", path), 401, "invalid_token")
    other = KeyedBrowser(stage.web, tenant="acme").start()
    assert_refused(browser.call("DELETE", path, headers=other.bearer()), 401, "invalid_token")
    answer = browser.call("DELETE", path, headers=browser.bearer())
    assert (answer.status_code, answer.content) == (204, b"")
    for refused in (
        browser.on_session("challenge"),
        browser.call("DELETE", path, headers=browser.bearer()),
        browser.customer().call("POST", "messages", json={"text": "Hello"}),
    ):
        error = assert_refused(refused, 410, "session_ended")
        assert error["details"] == {"reason": "forgotten"}


def test_a_tenant_may_erase_what_its_customer_wants_forgotten(
    browser: KeyedBrowser, acme: Tenant
) -> None:
    browser.customer().send("My secret")
    with setting(acme, "sessions.forgettingErases", True):
        path = f"/v2/sessions/{browser.session_id}"
        assert browser.call("DELETE", path, headers=browser.bearer()).status_code == 204
    with tenant_scope(acme.pk):
        assert not Conversation.objects.filter(pk=browser.started["conversation_id"]).exists()
        left = Session.objects.get(pk=browser.session_id)
    assert (bytes(left.public_key), left.origin, left.device) == (b"", "", "")
    error = assert_refused(browser.on_session("challenge"), 410, "session_ended")
    assert error["details"] == {"reason": "erased"}


@pytest.mark.parametrize(
    "flaw",
    [
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"x": None},
        {"x": "AAAA"},
        {"y": "A" * 44},
        {"y": "*" * 43},
        {"x": "A" * 43, "y": "A" * 43},
        {"x": "_" * 42 + "8"},
        {"d": "A" * 43},
    ],
)
def test_a_key_is_a_public_point_of_the_curve(
    stage: Stage, acme: Tenant, flaw: dict[str, object]
) -> None:
    browser = KeyedBrowser(stage.web, tenant="acme")
    refused = browser.try_start(public_key={**browser.key.jwk, **flaw})
    error = assert_refused(refused, 400, "invalid_parameter")
    assert error["details"] == {"field": "public_key"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"public_key": None}, "invalid_parameter"),
        ({"public_key": "MFkw"}, "invalid_parameter"),
        ({"name": "x"}, "invalid_name"),
        ({"locale": 7}, "invalid_parameter"),
        ({"identity": "a.b.c"}, "invalid_parameter"),
    ],
)
def test_what_a_start_refuses(
    stage: Stage, acme: Tenant, body: dict[str, object], code: str
) -> None:
    assert_refused(KeyedBrowser(stage.web, tenant="acme").try_start(None, **body), 400, code)


def test_a_start_without_a_tenant_is_refused(stage: Stage) -> None:
    assert_refused(KeyedBrowser(stage.web).try_start(), 400, "tenant_required")


@pytest.mark.parametrize("body", [{}, {"challenge": 7, "signature": "x"}, {"challenge": "x"}])
def test_a_token_wants_a_challenge_and_a_signature(
    browser: KeyedBrowser, body: dict[str, object]
) -> None:
    assert_refused(browser.on_session("token", body), 400, "bad_request")


def test_an_unknown_session_is_not_found(browser: KeyedBrowser) -> None:
    browser.started["session_id"] = str(uuid4())
    assert_refused(browser.on_session("challenge"), 404, "session_not_found")
    answer = browser.on_session("token", {"challenge": "x", "signature": "y"})
    assert_refused(answer, 404, "session_not_found")


def test_a_conversation_token_of_a_page_that_cannot_renew_it_lives_as_the_tenant_says(
    stage: Stage, acme: Tenant
) -> None:
    for seconds in (3600, 30 * 86_400):
        with setting(acme, "sessions.v1TokenSeconds", seconds):
            token = arrive(stage.web, tenant="acme").token
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["exp"] - int(time()) in range(seconds - 60, seconds + 1)


def test_another_key_is_not_the_sessions(browser: KeyedBrowser) -> None:
    challenge = browser.challenge()
    refused = browser.answer(challenge, Key().sign(challenge))
    assert_refused(refused, 401, "signature_invalid")
    assert browser.answer(challenge).status_code == 200, "a wrong answer uses nothing up"
    assert_refused(browser.answer(challenge), 401, "challenge_invalid")


@pytest.mark.parametrize(("method", "what"), [("POST", ""), ("POST", "/challenge"), ("DELETE", "")])
def test_pages_of_allowed_websites_may_call(
    stage: Stage, acme: Tenant, method: str, what: str
) -> None:
    path = f"/v2/sessions/{uuid4()}{what}" if what or method == "DELETE" else "/v2/sessions"
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    with setting(acme, "allowedOrigins", ["https://shop.example"]):
        shop, thief = (
            KeyedBrowser(stage.web, tenant="acme", origin=f"https://{name}.example").call(
                "OPTIONS", path, headers=asked
            )
            for name in ("shop", "thief")
        )
    assert shop.status_code == 204
    assert shop.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert method in shop.headers["Access-Control-Allow-Methods"]
    assert "authorization" in shop.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in thief.headers
