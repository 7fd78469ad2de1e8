"""Sessions from within: keys, devices, challenges, and sockets that no push has reached."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from conversations import services as conversations
from conversations.errors import ChallengeInvalid
from conversations.models import Conversation
from conversations.sessions import challenges, keys, services
from conversations.sessions.challenges import issue_challenge, read_challenge
from conversations.sessions.devices import device_of
from conversations.sessions.models import Session
from conversations.socket.realtime import _newest_seqs
from kernel.clock import now_ms
from kernel.ids import first_id_at
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.keyed_browser import CHROME, Key

_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {_WEBKIT}"


@pytest.fixture
def key() -> Key:
    return Key()


@pytest.fixture
def session(conversation: Conversation, key: Key) -> Session:
    with tenant_scope(conversation.tenant_id) as tenant:
        return services.start_session(
            tenant=tenant,
            conversation=conversation,
            public_key=keys.public_key_of(key.jwk),
            origin="https://shop.example",
            device="",
        )


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/131.0.0.0", "Edge on Windows"),
        (f"{CHROME} OPR/117.0.0.0", "Opera on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox on Linux",
        ),
        (f"{_IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{_IPHONE} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/18.1 Safari/605",
            "Safari on Mac",
        ),
        ("curl/8.5.0", ""),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        ("x" * 100_000 + "Firefox/1", ""),
    ],
)
def test_a_device_in_words(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


def test_a_key_has_one_spelling(key: Key) -> None:
    point = keys.public_key_of(key.jwk)
    assert len(point) == 65 and point[0] == 4
    assert keys.is_signed(public_key=point, signature=key.sign("x"), message=b"x")
    assert not keys.is_signed(public_key=point, signature=key.sign("x"), message=b"y")


def test_a_challenge_outlives_the_key_that_signed_it(session: Session, settings: Settings) -> None:
    text = issue_challenge(session)
    whose = {"session_id": session.pk, "tenant_id": session.tenant_id}
    settings.CONVERSATION_JWT_SECRETS = [
        "another secret from now on" * 2,
        *settings.CONVERSATION_JWT_SECRETS,
    ]
    assert read_challenge(text, **whose).origin == "https://shop.example"
    settings.CONVERSATION_JWT_SECRETS = settings.CONVERSATION_JWT_SECRETS[:1]
    with pytest.raises(ChallengeInvalid):
        read_challenge(text, **whose)


def test_used_challenges_are_kept_for_an_hour(session: Session, key: Key) -> None:
    hour = challenges.KEEP_USED_CHALLENGES
    old, recent = (first_id_at(now_ms() - hour + timedelta(minutes=by)) for by in (-1, 1))
    with tenant_scope(session.tenant_id) as tenant:
        Session.objects.filter(pk=session.pk).update(used_challenges=[old, recent])
        text = issue_challenge(session)
        challenge = read_challenge(text, session_id=session.pk, tenant_id=session.tenant_id)
        services.prove_key(
            tenant=tenant, session=session, challenge=challenge, text=text, signature=key.sign(text)
        )
        assert Session.objects.get(pk=session.pk).used_challenges == [recent, challenge.id]


def test_after_a_gap_sockets_look_whether_their_session_has_ended(
    default_tenant: Tenant, committed_db: None
) -> None:
    with tenant_scope(default_tenant.pk) as tenant:
        ended, other = (
            conversations.start_conversation(tenant=tenant, customer_name="", locale="default")
            for _ in range(2)
        )
        for conversation in (ended, other):
            services.start_session(
                tenant=tenant, conversation=conversation, public_key=b"", origin="", device=""
            )
        Session.objects.filter(conversation=ended).update(ended_at=Now(), end_reason="revoked")
    assert _newest_seqs([ended.pk, other.pk, uuid4()]) == {other.pk: 0}
