"""Tokens bound to addresses, and those that have expired."""

from uuid import uuid4

import jwt
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from pytest_django import Settings

from conversations import tokens
from conversations.errors import IdentityInvalid, InvalidToken
from conversations.identity import tokens as identity
from conversations.tokens import CONVERSATION_AUDIENCE as CONVERSATION

HERE = "2001:db8::1"


def issue(address: str) -> str:
    return tokens.issue_conversation_token(
        tenant_id=uuid4(), conversation_id=uuid4(), address=address
    )


def opens(token: str, address: str) -> bool:
    try:
        tokens.verify(token, audiences=(CONVERSATION,), address=address)
    except InvalidToken:
        return False
    return True


@pytest.mark.parametrize(
    ("issued_to", "used_from", "fits"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:0:1:2:3:4", True),
        ("2001:db8:0:0:1::", "2001:db8::1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("192.0.2.1", "2001:db8::1", False),
    ],
)
def test_a_bound_token_is_for_one_network(
    settings: Settings, issued_to: str, used_from: str, fits: bool
) -> None:
    settings.UNBIND_JWT_FROM_IP = False
    token = issue(issued_to)
    assert opens(token, used_from) is fits
    settings.UNBIND_JWT_FROM_IP = True
    assert opens(token, used_from), "not asked for, not looked at"


def test_an_unbound_token_opens_while_binding_begins(settings: Settings) -> None:
    token = issue("192.0.2.1")
    settings.UNBIND_JWT_FROM_IP = False
    assert opens(token, "192.0.2.2")


def test_secrets_take_turns(settings: Settings) -> None:
    old, new = django_settings.CONVERSATION_JWT_SECRETS[0], "n" * 40
    token = issue(HERE)
    settings.CONVERSATION_JWT_SECRETS = [new, old]
    younger = issue(HERE)
    assert opens(token, HERE)
    assert opens(younger, HERE)
    settings.CONVERSATION_JWT_SECRETS = [new]
    assert not opens(token, HERE)
    assert opens(younger, HERE)


def test_the_keys_are_listed_by_name_and_made_without_being_stored(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = "o" * 40, "n" * 40
    settings.CONVERSATION_JWT_SECRETS = [new, old]
    kid = jwt.get_unverified_header(issue(HERE))["kid"]
    call_command("conversation_keys")
    listed = capsys.readouterr()
    assert listed.out == f"{kid} signs\n{tokens.key_id(old)} verifies only\n"
    assert new not in listed.out + listed.err
    call_command("conversation_keys", new=True)
    made = capsys.readouterr()
    secret = made.out.strip()
    assert len(secret) >= 64
    assert tokens.key_id(secret) in made.err
    assert [new, old] == settings.CONVERSATION_JWT_SECRETS


def test_a_key_that_nobody_knows_opens_nothing(settings: Settings) -> None:
    """Nor does a token that names another key than the one which has signed it."""
    old, new = "o" * 40, "n" * 40
    settings.CONVERSATION_JWT_SECRETS = [new, old]
    claims = jwt.decode(issue(HERE), options={"verify_signature": False})
    for secret, kid, fits in (
        (new, tokens.key_id(new), True),
        (old, tokens.key_id(old), True),
        (new, tokens.key_id(old), False),
        (new, "00000000", False),
        (new, "", False),
        ("x" * 40, tokens.key_id("x" * 40), False),
        ("x" * 40, tokens.key_id(new), False),
        # Of whichever present key, where none is named.
        (old, None, True),
        ("x" * 40, None, False),
    ):
        named = None if kid is None else {"kid": kid}
        forged = jwt.encode(claims, secret, algorithm="HS256", headers=named)
        assert opens(forged, HERE) is fits, (secret, kid)


def test_an_identity_may_be_a_minute_ahead_of_our_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000
    monkeypatch.setattr("conversations.identity.tokens.time.time", lambda: now)
    identity._require_timely({"iat": now + 60, "exp": now + 3_600})
    with pytest.raises(IdentityInvalid, match="in the future"):
        identity._require_timely({"iat": now + 61, "exp": now + 3_600})


def test_an_expired_token_still_tells_whose_it_was() -> None:
    tenant_id, conversation_id = uuid4(), uuid4()
    token = tokens.issue_conversation_token(
        tenant_id=tenant_id, conversation_id=conversation_id, address=HERE, seconds=-60
    )
    assert not opens(token, HERE)
    assert tokens.find_tenant_of_expired(token, conversation_id) == tenant_id
    assert tokens.find_tenant_of_expired(token, uuid4()) is None
    assert tokens.find_tenant_of_expired(token + "x", conversation_id) is None
    socket_token = tokens.issue_socket_token(
        tenant_id=tenant_id, conversation_id=conversation_id, address=HERE
    )
    assert tokens.find_tenant_of_expired(socket_token, conversation_id) is None
