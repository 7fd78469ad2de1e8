"""The keys that verify a tenant's identity tokens, and what agents see of a person."""

import time
from uuid import uuid4

import jwt
import pytest

from conversations.identity.models import IdentityKey, Person
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused
from tests.keyed_browser import Key, KeyedBrowser

KEYS = "identity/keys"


def test_a_secret_is_shown_once_and_sealed(acme: Server, globex: Server) -> None:
    made = acme.post(KEYS, {"algorithm": "HS256"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert len(secret) >= 43
    (listed,) = acme.get(KEYS).json()["data"]
    assert listed == {name: made.json()[name] for name in listed} and "secret" not in listed
    with tenant_scope(acme.tenant.pk) as tenant:
        assert secret not in IdentityKey.objects.get(tenant=tenant).secret_sealed
    assert globex.get(KEYS).json()["data"] == []
    for server, key_id in ((globex, listed["id"]), (acme, uuid4())):
        assert_refused(server.delete(f"{KEYS}/{key_id}"), 404, "identity_key_not_found")
    assert acme.delete(f"{KEYS}/{listed['id']}").status_code == 204
    assert acme.get(KEYS).json()["data"] == []
    trail = [entry["action"] for entry in acme.get("audit").json()["data"]]
    assert {"identity_key.added", "identity_key.removed"} <= set(trail)
    assert secret not in acme.get("audit").text


def test_a_public_key_is_taken_and_a_private_one_is_not(acme: Server) -> None:
    key = Key()
    made = acme.post(KEYS, {"algorithm": "ES256", "public_key": key.jwk})
    assert made.status_code == 201 and made.json()["secret"] is None
    pem = made.json()["public_key"]
    assert acme.post(KEYS, {"algorithm": "ES256", "public_key": pem}).json()["public_key"] == pem
    private = {**key.jwk, "d": key.jwk["x"]}
    for given in (None, "", "no key", private, 7, pem.replace("PUBLIC", "PRIVATE"), pem[:60]):
        refused = acme.post(KEYS, {"algorithm": "ES256", "public_key": given})
        assert_refused(refused, 400, "invalid_parameter")
    assert_refused(acme.post(KEYS, {"algorithm": "none"}), 400, "invalid_parameter")
    for _ in range(2):
        assert acme.post(KEYS, {"algorithm": "HS256"}).status_code == 201
    assert_refused(acme.post(KEYS, {"algorithm": "HS256"}), 409, "too_many_identity_keys")


UNKNOWN_CURVE = (
    # A public key of the curve SM2, which no library of ours knows.
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEMD/dg+IuFfDOJ/V4W3rVPmJjLJZl\n"
    "5AB7xc1VbnWOGTnhZcfRSzW4LKzFAIYTwKq6QwMVmYZ2yqoyHVBcDvlvAA==\n"
    "-----END PUBLIC KEY-----"
)


def test_a_key_of_an_unknown_curve_is_refused(acme: Server) -> None:
    refused = acme.post(KEYS, {"algorithm": "ES256", "public_key": UNKNOWN_CURVE})
    assert_refused(refused, 400, "invalid_parameter")


def test_keys_need_their_scope(acme: Server) -> None:
    reader = acme.with_scopes("settings:write", "conversations:write")
    assert_refused(reader.get(KEYS), 403, "insufficient_scope")
    assert_refused(reader.post(KEYS, {"algorithm": "HS256"}), 403, "insufficient_scope")


@pytest.mark.parametrize("wish", [{"algorithm": "HS256"}, {"algorithm": "ES256"}])
def test_who_may_not_read_and_write_conversations_makes_no_customers(
    acme: Server, wish: dict[str, object]
) -> None:
    """A key of one's own signs a token for anybody, and so opens anybody's conversation."""
    if wish["algorithm"] == "ES256":
        wish = wish | {"public_key": Key().jwk}
    reading, writing = "conversations:read", "conversations:write"
    for held, missing in (([], reading), ([reading], writing), ([writing], reading)):
        refused = acme.with_scopes("keys:write", *held).post(KEYS, wish)
        details = assert_refused(refused, 403, "insufficient_scope")["details"]
        assert details == {"required": missing}
    clerk = acme.with_scopes("keys:write")
    assert clerk.get(KEYS).json()["data"] == []
    made = acme.with_scopes("keys:write", reading, writing).post(KEYS, wish)
    assert made.status_code == 201
    assert clerk.delete(f"{KEYS}/{made.json()['id']}").status_code == 204


def test_agents_see_who_it_is_until_the_last_conversation_goes(acme: Server) -> None:
    secret = acme.post(KEYS, {"algorithm": "HS256"}).json()["secret"]
    acme.put("settings/identity.mode", {"value": "optional"})
    said = {"name": "Maya Ozola", "email": "maya@shop.example", "phone": "+371 2000 0000"}
    now = int(time.time())
    claims = {
        **{"aud": acme.tenant.slug, "sub": "maya-17", "iat": now, "exp": now + 60},
        **{**said, "attributes": {"plan": "pro"}},
    }
    token = jwt.encode(claims, secret, "HS256")
    browser = KeyedBrowser(acme.base_url, tenant=acme.tenant.slug).start(identity=token)
    address = f"conversations/{browser.started['conversation_id']}"
    shown = acme.get(address).json()
    assert shown["customer_name"] == "Maya Ozola"
    assert shown["visitor"]["person"] == {
        **{"subject": "maya-17", **said},
        "attributes": {"plan": "pro"},
    }
    personal = acme.get(f"{address}/personal-data").json()
    assert personal["conversation"]["visitor"]["person"]["subject"] == "maya-17"
    acme.post(f"{address}/close")
    again = KeyedBrowser(acme.base_url, tenant=acme.tenant.slug).start(identity=token)
    assert acme.post(f"{address}/erase").status_code == 200
    with tenant_scope(acme.tenant.pk) as tenant:
        assert Person.objects.filter(tenant=tenant).count() == 1, "another conversation is there"
    acme.delete(f"conversations/{again.started['conversation_id']}")
    with tenant_scope(acme.tenant.pk) as tenant:
        assert not Person.objects.filter(tenant=tenant).exists()
