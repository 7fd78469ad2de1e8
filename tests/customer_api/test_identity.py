"""Identity tokens: the tenant's word about who its visitor is, and every way to forge it."""

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conversations.identity import keys
from conversations.identity.models import Person
from tenants import audit
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.cast import Desk, setting, tenant_called
from tests.conftest import Stage
from tests.customer import arrive
from tests.keyed_browser import KeyedBrowser

DAY = 86_400


@dataclass
class Company:
    """A tenant whose server signs, with a shared secret and a key pair."""

    web: str
    tenant: Tenant
    secret: str
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: object) -> dict[str, Any]:
        now = int(time.time())
        usual = {"aud": self.tenant.slug, "sub": "maya-17", "iat": now, "exp": now + 300}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def token(self, **changes: object) -> str:
        return jwt.encode(self.claims(**changes), self.secret, "HS256")

    def by_key_pair(self, **changes: object) -> str:
        return jwt.encode(self.claims(**changes), self.key, "ES256")

    def try_start(self, identity: object, **more: Any) -> requests.Response:
        browser = KeyedBrowser(self.web, tenant=self.tenant.slug)
        return browser.try_start(more.pop("token", None), identity=identity, **more)

    def start(self, identity: object = None, token: str | None = None, **more: Any) -> KeyedBrowser:
        browser = KeyedBrowser(self.web, tenant=self.tenant.slug)
        return browser.start(token, identity=identity, **more)


def company(stage: Stage, tenant: Tenant) -> Company:
    key = ec.generate_private_key(ec.SECP256R1())
    made = Company(stage.web, tenant, "", key)
    with tenant_scope(tenant.pk) as scoped:
        keys.list_keys(tenant=scoped).delete()
        made.secret = keys.make_secret(tenant=scoped, actor=audit.SYSTEM).secret
        keys.add_public_key(tenant=scoped, given=made.pem.decode(), actor=audit.SYSTEM)
        Person.objects.filter(tenant=scoped).delete()
    return made


@pytest.fixture
def shop(stage: Stage, acme: Tenant) -> Any:
    with setting(acme, "identity.mode", "optional"):
        yield company(stage, acme)


@pytest.fixture
def bank(stage: Stage, globex: Tenant) -> Any:
    with setting(globex, "identity.mode", "optional"):
        yield company(stage, globex)


def conversation_of(browser: KeyedBrowser) -> str:
    return str(browser.started["conversation_id"])


def test_a_person_has_one_conversation_in_every_browser(shop: Company, bank: Company) -> None:
    first = shop.start(shop.token(name="Maya Ozola"), name="Somebody")
    second = shop.start(shop.by_key_pair())
    assert conversation_of(second) == conversation_of(first)
    assert second.session_id != first.session_id
    second.customer().send("From the phone")
    read = first.customer().call("GET", "messages")
    assert [one["text"] for one in read.json()["messages"]] == ["From the phone"]
    assert conversation_of(shop.start(shop.token(sub="toms"))) != conversation_of(first)
    assert conversation_of(bank.start(bank.token())) != conversation_of(first)
    assert conversation_of(shop.start()) != conversation_of(first), "nobody in particular"


def test_of_browsers_that_begin_at_once_all_have_the_same(shop: Company) -> None:
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: shop.start(shop.token(sub="at once")), range(4)))
    assert len({conversation_of(browser) for browser in begun}) == 1


def test_a_token_that_others_may_hold_opens_nothing_of_a_person(shop: Company) -> None:
    """Its maker has planted it in the page, or has left it on a shared computer."""
    planted, first_widgets = shop.start(), arrive(shop.web, tenant=shop.tenant.slug)
    for number, held in enumerate((planted.customer(), first_widgets)):
        identity = shop.token(sub=f"ilze-{number}", name="Ilze")
        signed_in = shop.start(identity, token=held.token)
        assert conversation_of(signed_in) != held.conversation_id
        signed_in.customer().send("My order is 17")
        again = shop.start(identity, token=held.token)
        assert conversation_of(again) == conversation_of(signed_in), "the person's own"
        assert conversation_of(shop.start(identity)) == conversation_of(signed_in)
        read = held.call("GET", "messages")
        assert read.json()["messages"] == []
    assert planted.come_back().customer().send("It stays whose it was")["seq"] == 1


def test_a_persons_closed_conversation_goes_on_by_its_token(shop: Company) -> None:
    first = shop.start(shop.token(sub="goes on"))
    Desk(conversation_of(first), tenant=shop.tenant).close()
    same = shop.start(shop.token(sub="goes on"), token=first.token)
    assert conversation_of(same) == conversation_of(first)
    other = shop.start(shop.token(sub="juris"), token=first.token)
    assert conversation_of(other) != conversation_of(first), "a shared computer"


def test_after_a_closed_conversation_comes_a_new_one(shop: Company) -> None:
    first = shop.start(shop.token(sub="closed"))
    Desk(conversation_of(first), tenant=shop.tenant).close()
    second = shop.start(shop.token(sub="closed"))
    assert conversation_of(second) != conversation_of(first)
    assert conversation_of(shop.start(shop.token(sub="closed"))) == conversation_of(second)


def test_a_blocked_person_stays_blocked(shop: Company) -> None:
    blocked = shop.start(shop.token(sub="rude"))
    Desk(conversation_of(blocked), tenant=shop.tenant).block()
    stranger = shop.start()
    for refused in (
        shop.try_start(shop.token(sub="rude")),
        shop.try_start(shop.token(sub="rude"), token=stranger.token),
    ):
        assert_refused(refused, 403, "conversation_blocked")


def test_the_mode_is_the_tenants_to_say(shop: Company, bank: Company) -> None:
    for mode in ("off", "optional", "required"):
        with setting(shop.tenant, "identity.mode", mode):
            config = requests.get(f"{shop.web}/v2/widget/config?t={shop.tenant.slug}", timeout=30)
            assert config.json()["identity"] == {"mode": mode}
    with setting(shop.tenant, "identity.mode", "off"):
        refused = shop.try_start(shop.token())
        assert assert_refused(refused, 400, "invalid_parameter")["details"] == {"field": "identity"}
    visitor = shop.start()
    with setting(shop.tenant, "identity.mode", "required"):
        begun = f"{shop.web}/v1/conversations/start?t={shop.tenant.slug}"
        for refused in (
            shop.try_start(None),
            shop.try_start(None, token=visitor.token),
            requests.post(begun, json={}, timeout=30),
        ):
            assert_refused(refused, 401, "identity_invalid")
        assert shop.start(shop.token()).customer().send("Hello")["seq"]
        visitor.come_back().customer().send("What has begun goes on")
    assert bank.start(None)


def test_keys_rotate_with_overlap(shop: Company) -> None:
    with tenant_scope(shop.tenant.pk) as tenant:
        old = keys.list_keys(tenant=tenant).get(algorithm="HS256")
        made = keys.make_secret(tenant=tenant, actor=audit.SYSTEM)
    by_new = jwt.encode(shop.claims(), made.secret, "HS256")
    assert shop.start(shop.token()) and shop.start(by_new)
    with tenant_scope(shop.tenant.pk) as tenant:
        keys.remove_key(tenant=tenant, key_id=old.pk, actor=audit.SYSTEM)
    assert_refused(shop.try_start(shop.token()), 401, "identity_invalid")
    assert shop.start(by_new)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def handmade(header: object, claims: object, secret: bytes | None) -> str:
    """A token as no library would make it."""
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    signature = b"" if secret is None else hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64url(signature)}"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_forged_tokens_are_refused(shop: Company, bank: Company) -> None:
    good = shop.claims()
    stranger = ec.generate_private_key(ec.SECP256R1())
    head, payload, signature = shop.token().split(".")
    others = base64url(json.dumps(shop.claims(sub="toms")).encode())
    forged = {
        "no algorithm": handmade({"alg": "none"}, good, None),
        "no algorithm, in capitals": handmade({"alg": "NONE", "typ": "JWT"}, good, None),
        "the public key as a secret": handmade({"alg": "HS256"}, good, shop.pem),
        "the public key as a secret, trimmed": handmade({"alg": "HS256"}, good, shop.pem.strip()),
        "an empty secret": handmade({"alg": "HS256"}, good, b""),
        "another hash": jwt.encode(good, shop.secret, "HS512"),
        "another's secret": jwt.encode(good, bank.secret, "HS256"),
        "another's key": jwt.encode(good, bank.key, "ES256"),
        "nobody's key": jwt.encode(good, stranger, "ES256"),
        "a key that comes along": jwt.encode(
            good, stranger, "ES256", headers={"jwk": {"kty": "EC"}, "kid": "../../dev/null"}
        ),
        "an extension": jwt.encode(good, shop.secret, "HS256", headers={"crit": ["exp"]}),
        "another subject": f"{head}.{others}.{signature}",
        "no signature": f"{head}.{payload}.",
        "two parts": f"{head}.{payload}",
        "no token": "identity",
        "nothing": "",
        "a long one": "a" * 5_000,
        "no characters": "\x00.\ud800.x",
    }
    for what, token in forged.items():
        assert_refused(shop.try_start(token), 401, "identity_invalid"), what
    assert_refused(bank.try_start(shop.token()), 401, "identity_invalid")
    assert_refused(bank.try_start(shop.token(aud="globex")), 401, "identity_invalid")
    for no_text in (7, True, {"sub": "maya"}, [shop.token()]):
        assert_refused(shop.try_start(no_text), 400, "invalid_parameter")


def test_signed_tokens_that_say_too_much_are_refused(shop: Company, bank: Company) -> None:
    now = int(time.time())
    bad: list[dict[str, Any]] = [
        *({name: None} for name in ("aud", "sub", "iat", "exp")),
        *({"aud": aud} for aud in ("globex", "", [shop.tenant.slug], "ACME", 1)),
        *(
            {"sub": sub}
            for sub in ("", "x" * 256, 17, " maya", "a\nb", "a\x00", "\u202eayam", ["x"])
        ),
        {"iat": now + 3_600, "exp": now + 3_700},
        {"iat": now, "exp": now + DAY + 1},
        {"iat": now + 10**9, "exp": now + 10**9 + 60},
        {"iat": 0, "exp": 10**400},
        {"iat": now, "exp": now},
        {"iat": now - DAY, "exp": now + 2},
        *({"exp": exp} for exp in ("tomorrow", True, [1])),
        {"iat": "now"},
        {"nbf": now + 3_600},
        *({"email": email} for email in ("nobody", "a@b c", 7, f"{'a' * 250}@b.example")),
        {"phone": "call me"},
        {"name": "x" * 101},
        {"name": {"first": "Maya"}},
        {"attributes": {"a": ["b"]}},
    ]
    for changes in bad:
        for token in (shop.token(**changes), shop.by_key_pair(**changes)):
            refused = shop.try_start(token)
            assert refused.status_code == 401, (changes, refused.text)
            said = refused.json()["error"]
            assert said["code"] == "identity_invalid", changes
            assert any(name in said["message"] for name in changes), (changes, said)
    expired = shop.token(iat=now - 600, exp=now - 300)
    assert_refused(shop.try_start(expired), 401, "identity_expired")
    forged = jwt.encode(shop.claims(exp=now - 1, iat=now - 2), bank.secret, "HS256")
    assert_refused(shop.try_start(forged), 401, "identity_invalid")
    assert shop.start(shop.token(iat=now + 30, exp=now + DAY)), "clocks differ by seconds"


def test_a_suspended_or_unknown_tenant_verifies_nothing(shop: Company) -> None:
    other = tenant_called("nobodys-keys")
    with setting(other, "identity.mode", "optional"):
        browser = KeyedBrowser(shop.web, tenant="nobodys-keys")
        refused = browser.try_start(identity=shop.token(aud="nobodys-keys"))
        assert_refused(refused, 401, "identity_invalid")
