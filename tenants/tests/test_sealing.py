"""Secrets at rest: they open in their own place only, and say which key is missing."""

import base64
import secrets
from collections.abc import Iterator
from uuid import uuid4

import pytest
from pytest_django import Settings

from tenants import configuration
from tenants.audit import SYSTEM
from tenants.crypto import sealing
from tenants.crypto.kms import master_key_id
from tenants.errors import SealBroken
from tenants.models import Tenant, TenantKey
from tenants.scope import tenant_scope
from tenants.services import create_tenant

PLACE = {"table": "telegram_channel", "field": "bot_token"}


@pytest.fixture(autouse=True)
def fresh_keys(db: None) -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    """Know as little as a process that has just started."""
    sealing.forget_keys()
    configuration.forget_everything()


@pytest.fixture
def acme(db: None) -> Tenant:
    return create_tenant(slug=f"acme-{uuid4().hex}", name="Acme", actor=SYSTEM)


@pytest.fixture
def globex(db: None) -> Tenant:
    return create_tenant(slug=f"globex-{uuid4().hex}", name="Globex", actor=SYSTEM)


def test_what_was_sealed_opens_again_and_does_not_show_itself(acme: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant:
        envelope = sealing.seal(tenant=tenant, plaintext="123:secret ✓", **PLACE)
        assert "secret" not in envelope
        assert sealing.unseal(tenant=tenant, envelope=envelope, **PLACE) == "123:secret ✓"


def test_the_same_secret_never_looks_the_same_twice(acme: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant:
        envelopes = {sealing.seal(tenant=tenant, plaintext="same", **PLACE) for _ in range(5)}
    assert len(envelopes) == 5


@pytest.mark.parametrize(
    "place",
    [
        {"table": "telegram_channel", "field": "header_secret"},
        {"table": "y", "field": "bot_token"},
    ],
)
def test_a_value_moved_to_another_field_does_not_open(acme: Tenant, place: dict[str, str]) -> None:
    with tenant_scope(acme.pk) as tenant:
        envelope = sealing.seal(tenant=tenant, plaintext="secret", **PLACE)
        with pytest.raises(SealBroken):
            sealing.unseal(tenant=tenant, envelope=envelope, **place)


def test_nothing_is_sealed_where_no_rotation_would_find_it(acme: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant, pytest.raises(LookupError, match="nowhere"):
        sealing.seal(tenant=tenant, table="nowhere", field="x", plaintext="secret")


def test_another_tenant_cannot_open_it(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant:
        envelope = sealing.seal(tenant=tenant, plaintext="secret", **PLACE)
    with tenant_scope(globex.pk) as stranger, pytest.raises(SealBroken):
        sealing.unseal(tenant=stranger, envelope=envelope, **PLACE)


@pytest.mark.parametrize("damage", ["", "v1", "v1..", "v2.x.y", "plain text", "v1.zz.zz", "v1.é.é"])
def test_what_is_no_envelope_is_refused(acme: Tenant, damage: str) -> None:
    with tenant_scope(acme.pk) as tenant, pytest.raises(SealBroken):
        sealing.unseal(tenant=tenant, envelope=damage, **PLACE)


def test_an_altered_value_does_not_open(acme: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant:
        head, _, body = sealing.seal(tenant=tenant, plaintext="secret", **PLACE).rpartition(".")
        raw = bytearray(base64.urlsafe_b64decode(body))
        raw[-1] ^= 1
        altered = f"{head}.{base64.urlsafe_b64encode(bytes(raw)).decode()}"
        with pytest.raises(SealBroken):
            sealing.unseal(tenant=tenant, envelope=altered, **PLACE)


def test_an_old_master_key_still_opens_and_a_new_one_seals(
    acme: Tenant, globex: Tenant, settings: Settings
) -> None:
    old, new = settings.KMS_MASTER_KEYS[0], secrets.token_bytes(32)
    with tenant_scope(acme.pk) as tenant:
        envelope = sealing.seal(tenant=tenant, plaintext="secret", **PLACE)
    forget()
    settings.KMS_MASTER_KEYS = [new, old]
    with tenant_scope(acme.pk) as tenant:
        assert sealing.unseal(tenant=tenant, envelope=envelope, **PLACE) == "secret"
    with tenant_scope(globex.pk) as tenant:
        sealing.seal(tenant=tenant, plaintext="secret", **PLACE)
        assert TenantKey.objects.get().master_key_id == master_key_id(new)


def test_a_lost_master_key_is_named(acme: Tenant, settings: Settings) -> None:
    lost = master_key_id(settings.KMS_MASTER_KEYS[0])
    with tenant_scope(acme.pk) as tenant:
        envelope = sealing.seal(tenant=tenant, plaintext="secret", **PLACE)
    forget()
    settings.KMS_MASTER_KEYS = [secrets.token_bytes(32)]
    with tenant_scope(acme.pk) as tenant, pytest.raises(SealBroken, match=lost):
        sealing.unseal(tenant=tenant, envelope=envelope, **PLACE)


def test_a_lookup_hash_finds_a_secret_without_telling_it(db: None) -> None:
    first = sealing.lookup_hash("secret")
    sealing.forget_keys()
    assert sealing.lookup_hash("secret") == first
    assert sealing.lookup_hash("Secret") != first
    assert "secret" not in first
