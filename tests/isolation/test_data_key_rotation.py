"""One tenant's keys, step by step."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from channels_telegram.channels import find_channel
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig, configure_channel
from tenants.audit import SYSTEM
from tenants.crypto import rotation
from tenants.crypto.rotation import SealedAnew
from tenants.crypto.sealed_fields import SealedTextField, sealed_fields, sealed_places
from tenants.errors import SealBroken
from tenants.models import AuditEntry, Tenant, TenantKey
from tenants.scope import tenant_scope
from tenants.services import create_tenant

BOT_TOKEN = "987654321:AAtesttesttesttesttesttesttesttest"


@pytest.fixture
def acme(db: None) -> Tenant:
    """A tenant with a channel, whose two secrets are sealed."""
    tenant = create_tenant(slug=f"acme-{uuid4().hex}", name="Acme", actor=SYSTEM)
    with tenant_scope(tenant.pk) as opened:
        chat_id = -(uuid4().int % 10**12) - 1
        config = ChannelConfig(BOT_TOKEN, chat_id)
        configure_channel(tenant=opened, config=config, actor=SYSTEM)
    return tenant


def in_a_moment() -> datetime:
    return timezone.now() + timedelta(seconds=1)


def bot_token(tenant: Tenant) -> str:
    with tenant_scope(tenant.pk) as opened:
        channel = find_channel(tenant=opened)
    assert channel is not None
    return channel.bot_token


def age_keys(tenant: Tenant, age: timedelta) -> None:
    with tenant_scope(tenant.pk):
        for key in TenantKey.objects.all():
            key.created_at -= age
            key.save()


def test_a_key_is_renewed_sealed_with_and_in_the_end_the_old_one_removed(acme: Tenant) -> None:
    assert bot_token(acme) == BOT_TOKEN
    renewed = rotation.renew_data_key(acme.pk, made_before=in_a_moment())
    assert renewed == SealedAnew(has_new_key=True, values=3, removed=0, kept=1)
    assert bot_token(acme) == BOT_TOKEN

    long_ago = timezone.now() - timedelta(hours=1)
    assert rotation.renew_data_key(acme.pk, made_before=long_ago) == SealedAnew(kept=1)
    age_keys(acme, rotation.READERS_FINISH_WITHIN + timedelta(seconds=1))
    assert rotation.renew_data_key(acme.pk, made_before=long_ago) == SealedAnew(removed=1)
    assert bot_token(acme) == BOT_TOKEN
    with tenant_scope(acme.pk):
        assert TenantKey.objects.count() == 1
        actions = AuditEntry.objects.filter(object_type="data_key").order_by("pk")
        assert [entry.action for entry in actions] == ["data_key.renewed", "data_key.tidied"]


def test_a_process_that_has_read_before_sees_the_change(acme: Tenant) -> None:
    with tenant_scope(acme.pk) as tenant:
        before = find_channel(tenant=tenant)
        remembered = set(tenant.__dict__["remembered"])
    rotation.renew_data_key(acme.pk, made_before=in_a_moment())
    with tenant_scope(acme.pk) as tenant:
        assert tenant.__dict__["remembered"] == {}, "nor does it hold the old key any more"
        assert find_channel(tenant=tenant) == before
        assert len(set(tenant.__dict__["remembered"]) - remembered) == 1, "the new key"


def test_a_value_that_does_not_open_leaves_its_tenant_as_it_was(acme: Tenant) -> None:
    with tenant_scope(acme.pk):
        row = TelegramChannel.objects.get()
        TelegramChannel.objects.update(webhook_secret_sealed=row.bot_token_sealed)
    with pytest.raises(SealBroken, match="webhook_secret"):
        rotation.renew_data_key(acme.pk, made_before=in_a_moment())
    with tenant_scope(acme.pk):
        assert TenantKey.objects.count() == 1
        assert TelegramChannel.objects.get().bot_token_sealed == row.bot_token_sealed


def test_a_slow_clock_does_not_hide_the_new_key(acme: Tenant) -> None:
    age_keys(acme, timedelta(hours=-1))
    later = timezone.now() + timedelta(hours=2)
    assert rotation.renew_data_key(acme.pk, made_before=later).values == 3
    with tenant_scope(acme.pk):
        newest = TenantKey.objects.order_by("-created_at")[0]
        envelope = TelegramChannel.objects.get().bot_token_sealed
        assert envelope.split(".")[1] == newest.pk.hex


def test_who_has_sealed_nothing_gets_no_key(db: None) -> None:
    tenant = create_tenant(slug=f"new-{uuid4().hex}", name="New", actor=SYSTEM)
    assert rotation.renew_data_key(tenant.pk, made_before=in_a_moment()) == SealedAnew()


def test_every_field_that_says_it_is_sealed_is_known_to_the_rotation() -> None:
    """And the others cannot be sealed: `seal` refuses places that no such field names."""
    named = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name.endswith("_sealed") or isinstance(field, SealedTextField)
    }
    assert {(field.model, field.attribute) for field in sealed_fields()} == named
    assert len(sealed_places()) == len(sealed_fields()), "a place belongs to one field"
