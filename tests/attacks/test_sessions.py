"""What a thief of another visitor's conversation tries."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests
from django.conf import settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from conversations.sessions.models import Session
from conversations.sessions.services import MAX_SESSIONS
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage
from tests.customer import arrive, new_address
from tests.forging import forge
from tests.keyed_browser import Key, KeyedBrowser, base64url

SHOP, THIEF = "https://shop.example", "https://thief.example"


@pytest.fixture
def victim(stage: Stage, acme: Tenant) -> Iterator[KeyedBrowser]:
    """A visitor of acme's shop, who has written something."""
    with setting(acme, "allowedOrigins", [SHOP]):
        browser = KeyedBrowser(stage.web, tenant="acme", origin=SHOP).start()
        browser.customer().send("My order is 4711")
        yield browser


@pytest.fixture
def thief(stage: Stage) -> KeyedBrowser:
    """A visitor with a key of their own."""
    return KeyedBrowser(stage.web, tenant="acme", origin=SHOP)


def forged(challenge: str, *, secret: str | None = None, **changes: Any) -> str:
    """A challenge of ours with other claims, signed by our secret unless another one is given."""
    claims = jwt.decode(challenge, options={"verify_signature": False}) | changes
    key = secret or settings.CONVERSATION_JWT_SECRETS[0]
    kid = jwt.get_unverified_header(challenge)["kid"]
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": kid})


def test_an_answer_is_good_once(victim: KeyedBrowser) -> None:
    challenge = victim.challenge()
    body = {"challenge": challenge, "signature": victim.key.sign(challenge)}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: victim.on_session("token", body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 7]
    for answer in answers:
        if answer.status_code == 401:
            assert_refused(answer, 401, "challenge_invalid")
    assert_refused(victim.on_session("token", body), 401, "challenge_invalid")


def test_an_answer_is_good_once_in_all_processes(stage: Stage, victim: KeyedBrowser) -> None:
    challenge = victim.challenge()
    victim.web = stage.second_web
    assert victim.answer(challenge).status_code == 200
    victim.web = stage.web
    assert_refused(victim.answer(challenge), 401, "challenge_invalid")


def test_only_our_challenges_for_this_session_count(
    victim: KeyedBrowser, thief: KeyedBrowser
) -> None:
    genuine = victim.challenge()
    thief.start()
    for challenge in (
        "",
        "x" * 5000,
        "\u20ac.\ud800.x",
        genuine[:-4] + "AAAA",
        forged(genuine, secret="a secret as long as it should be, that is not ours at all"),
        forged(genuine, exp=int(time.time()) - 1),
        forged(genuine, aud="chatorical.conversation"),
        forged(genuine, aud="chatorical.socket"),
        forged(genuine, sub=str(uuid4())),
        forged(genuine, t=str(uuid4())),
        forged(genuine, o=THIEF),
        forged(genuine, jti="7"),
        # Ours, and another session's.
        thief.challenge(),
        # A token of the very session.
        victim.token,
    ):
        signature = "A" * 86 if "\ud800" in challenge else victim.key.sign(challenge)
        answer = victim.on_session("token", {"challenge": challenge, "signature": signature})
        assert answer.status_code == 401, challenge
        assert answer.json()["error"]["code"] == "challenge_invalid"
    assert victim.answer(genuine).status_code == 200


def test_a_challenge_is_no_token(victim: KeyedBrowser) -> None:
    headers = {"Authorization": f"Bearer {victim.challenge()}"}
    refused = victim.call("POST", "/v2/ws/token", headers=headers)
    assert_refused(refused, 401, "invalid_token")


def test_only_the_sessions_key_signs(victim: KeyedBrowser, thief: KeyedBrowser) -> None:
    challenge = victim.challenge()
    genuine = victim.key.sign(challenge)
    for signature in (
        "",
        "A" * 86,
        base64url(b"\x00" * 64),
        base64url(b"\xff" * 64),
        genuine + "=",
        genuine + "====",
        genuine[:-1],
        thief.key.sign(challenge),
        victim.key.sign(challenge + " "),
        victim.key.sign(victim.challenge()),
    ):
        refused = victim.answer(challenge, signature)
        assert_refused(refused, 401, "signature_invalid")
    # A key of one's own beside the answer changes nothing.
    swapped = {
        "challenge": challenge,
        "signature": thief.key.sign(challenge),
        "public_key": thief.key.jwk,
    }
    assert_refused(victim.on_session("token", swapped), 401, "signature_invalid")
    assert victim.answer(challenge, genuine).status_code == 200


def test_a_key_is_never_replaced(victim: KeyedBrowser, thief: KeyedBrowser) -> None:
    """Neither by naming the session, nor by registering the victim's key under one's own."""
    body = {"session_id": victim.session_id, "conversation_id": victim.started["conversation_id"]}
    thief.start(**body)
    assert thief.session_id != victim.session_id, "ids are the server's to choose"
    assert thief.started["conversation_id"] != victim.started["conversation_id"]
    twin = KeyedBrowser(victim.web, tenant="acme", origin=SHOP, key=victim.key).start()
    challenge = victim.challenge()
    refused = twin.answer(challenge, victim.key.sign(challenge))
    assert_refused(refused, 401, "challenge_invalid")


def test_a_copied_storage_opens_nothing(victim: KeyedBrowser, thief: KeyedBrowser) -> None:
    """The id of the session is all that can be copied: the key cannot be exported."""
    thief.started = {"session_id": victim.session_id}
    challenge = thief.challenge()
    assert_refused(thief.answer(challenge), 401, "signature_invalid")


def test_a_token_is_of_no_use_on_another_page(stage: Stage, acme: Tenant) -> None:
    with setting(acme, "allowedOrigins", [SHOP, THIEF]):
        victim = KeyedBrowser(stage.web, tenant="acme", origin=SHOP).start()
        mara, stolen = victim.customer(), {"Origin": THIEF}
        issued = victim.call("POST", "/v2/ws/token", headers=victim.bearer()).json()["token"]
        victim.origin = THIEF
        challenge_call = victim.on_session("challenge")
        for refused in (
            challenge_call,
            victim.answer("x"),
            victim.try_start(victim.token),
            victim.call("POST", "/v2/ws/token", headers=victim.bearer()),
            victim.call("DELETE", f"/v2/sessions/{victim.session_id}", headers=victim.bearer()),
            mara.call("GET", "messages", headers=stolen),
            mara.call("POST", "messages", json={"text": "Hello"}, headers=stolen),
            mara.call("PATCH", "name", json={"name": "Eve"}, headers=stolen),
            mara.call("PATCH", "locale", json={"locale": "de"}, headers=stolen),
        ):
            assert_refused(refused, 403, "origin_mismatch")
        for token in (victim.token, issued):
            url = f"{stage.web.replace('http://', 'ws://')}/v1/ws?token={token}"
            with pytest.raises(InvalidStatus) as caught, connect(url, origin=Origin(THIEF)):
                pass
            assert caught.value.response.status_code == 403


def test_a_website_that_is_not_allowed_any_more_gets_no_tokens(
    victim: KeyedBrowser, acme: Tenant
) -> None:
    challenge = victim.challenge()
    with setting(acme, "allowedOrigins", ["https://another.example"]):
        assert_refused(victim.answer(challenge), 403, "origin_not_allowed")
        refused = KeyedBrowser(victim.web, tenant="acme", origin=SHOP).try_start()
        assert_refused(refused, 403, "origin_not_allowed")


def test_another_tenant_gets_at_nothing(
    stage: Stage, victim: KeyedBrowser, acme: Tenant, globex: Tenant
) -> None:
    challenge = victim.challenge()
    victim.tenant = "globex"
    for refused in (
        victim.on_session("challenge"),
        victim.answer(challenge),
        victim.try_start(victim.token),
        victim.call("DELETE", f"/v2/sessions/{victim.session_id}", headers=victim.bearer()),
    ):
        assert_refused(refused, 403, "tenant_mismatch")
    victim.tenant = None
    assert victim.answer(challenge).status_code == 200, "the session names its tenant"


def test_an_expired_token_continues_nothing(stage: Stage, acme: Tenant) -> None:
    mara = arrive(stage.web, tenant="acme")
    thief = KeyedBrowser(stage.web, tenant="acme")
    for token in (forge(mara, exp_in=-1), forge(mara, aud="chatorical.socket"), mara.token + "x"):
        assert_refused(thief.try_start(token), 401, "invalid_token")


def test_a_thousand_challenges_are_bounded_and_leave_nothing(
    victim: KeyedBrowser, acme: Tenant
) -> None:
    limit, _ = settings.PLATFORM_RATE_LIMITS["session"]

    def row() -> dict[str, Any]:
        with tenant_scope(acme.pk):
            return vars(Session.objects.get(pk=victim.session_id)) | {"_state": None}

    def ask(_: int) -> requests.Response:
        return victim.on_session("challenge")

    before = row()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(400)))
    assert row() == before
    granted = [answer for answer in answers if answer.status_code == 200]
    assert 0 < len(granted) <= 2 * limit, "two windows at most"
    assert_refused(answers[-1], 429, "rate_limited")

    # Of other sessions the address may ask for more, to a bound of its own.
    all_limit, _ = settings.PLATFORM_RATE_LIMITS["session_address"]
    with ThreadPoolExecutor(8) as pool:
        others = list(pool.map(lambda _: ask_for_nobodys(victim), range(all_limit)))
    granted_of_others = [answer for answer in others if answer.status_code == 404]
    assert 0 < len(granted_of_others) <= 2 * all_limit - len(granted), "two windows at most"
    assert_refused(ask_for_nobodys(victim), 429, "rate_limited")

    victim.address = new_address()
    victim.come_back()
    with tenant_scope(acme.pk):
        used = Session.objects.get(pk=victim.session_id).used_challenges
    assert len(used) == 1, "only what its key has answered"


def ask_for_nobodys(caller: KeyedBrowser) -> requests.Response:
    """A challenge of a session that nobody has."""
    return caller.call("POST", f"/v2/sessions/{uuid4()}/challenge")


def test_sessions_of_a_conversation_are_bounded(stage: Stage, acme: Tenant) -> None:
    first = KeyedBrowser(stage.web, tenant="acme").start()
    for _ in range(MAX_SESSIONS):
        last = KeyedBrowser(stage.web, key=Key()).start(first.token)
        assert last.started["conversation_id"] == first.started["conversation_id"]
    error = assert_refused(first.on_session("challenge"), 410, "session_ended")
    assert error["details"] == {"reason": "replaced"}
    with tenant_scope(acme.pk):
        rows = Session.objects.filter(conversation=first.started["conversation_id"])
        assert rows.filter(ended_at__isnull=True).count() == MAX_SESSIONS
