"""The life of an API key: issued, used, rotated, revoked."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from kernel.errors import Forbidden, InvalidParameter, RateLimited, Unauthorized
from tenants.api_keys import authentication, selectors, services
from tenants.api_keys.models import ApiKey
from tenants.api_keys.principal import Principal
from tenants.api_keys.scopes import Scope
from tenants.api_keys.services import IssuedKey
from tenants.audit import SYSTEM, ActorKind
from tenants.errors import (
    ApiKeyNotActive,
    ApiKeyNotFound,
    InsufficientScope,
    InvalidApiKey,
)
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Tenant:
    """A tenant with servers."""
    return create_tenant(slug=f"shop-{uuid4().hex}", name="Shop", actor=SYSTEM)


@pytest.fixture
def rival(db: None) -> Tenant:
    """Another one."""
    return create_tenant(slug=f"rival-{uuid4().hex}", name="Rival", actor=SYSTEM)


def issue(tenant: Tenant, *scopes: str, **options: object) -> IssuedKey:
    """A key of the tenant."""
    with tenant_scope(tenant.pk) as scoped:
        return services.issue_api_key(
            tenant=scoped,
            name="Order system",
            scopes=scopes or ["conversations:read"],
            actor=SYSTEM,
            **options,  # type: ignore[arg-type]  # each test passes what it is about
        )


def rotate(tenant: Tenant, key: ApiKey, *, overlap: int, by: Principal | None = None) -> IssuedKey:
    """The key's successor."""
    with tenant_scope(tenant.pk) as scoped:
        return services.rotate_api_key(
            tenant=scoped, key_id=key.pk, overlap_seconds=overlap, actor=SYSTEM, granted_by=by
        )


def change(tenant: Tenant, key: ApiKey, **values: object) -> None:
    """Time passes for this key."""
    with tenant_scope(tenant.pk):
        ApiKey.objects.filter(pk=key.pk).update(**values)


def stored(tenant: Tenant, key: ApiKey) -> ApiKey:
    """The key as it is now."""
    with tenant_scope(tenant.pk) as scoped:
        return selectors.get_api_key(tenant=scoped, key_id=key.pk)


def works(secret: str) -> bool:
    """Whether a call with this key is let in."""
    try:
        authentication.authenticate_key(secret, address=None)
    except InvalidApiKey:
        return False
    return True


def test_a_key_says_whose_it_is_and_what_it_may(shop: Tenant) -> None:
    issued = issue(shop, "admin:read")
    for headers in (
        {"authorization": f"Bearer {issued.secret}"},
        {"authorization": f"bearer  {issued.secret} "},
        {"x-api-key": issued.secret},
        {"authorization": f"Bearer {issued.secret}", "x-api-key": issued.secret},
    ):
        principal = authentication.authenticate(headers, address=None)
        assert (principal.tenant_id, principal.key_id) == (shop.pk, issued.key.pk)
        assert principal.scopes == {
            "admin:read",
            "conversations:read",
            "settings:read",
            "audit:read",
        }
    assert (principal.actor.kind, principal.actor.id) == (ActorKind.API_KEY, str(issued.key.pk))


def test_the_secret_is_stored_nowhere(shop: Tenant) -> None:
    issued = issue(shop)
    with tenant_scope(shop.pk):
        rows = [*ApiKey.objects.values(), *AuditEntry.objects.values()]
    random_part = issued.secret.split("_")[3]
    assert random_part not in repr(rows)
    assert random_part not in repr(issued)
    assert random_part not in f"{issued.key} {issued.key.shown}"
    assert issued.key.prefix in issued.key.shown


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Basic dXNlcjpwYXNz"},
        {"x-api-key": " "},
    ],
)
def test_a_call_without_a_key(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized) as refused:
        authentication.authenticate(headers, address=None)
    assert refused.value.code == "unauthorized"


def test_two_keys_at_once_are_one_too_many(shop: Tenant) -> None:
    one, other = issue(shop), issue(shop)
    with pytest.raises(Unauthorized):
        authentication.authenticate(
            {"authorization": f"Bearer {one.secret}", "x-api-key": other.secret}, address=None
        )


def test_what_does_not_work_looks_alike(shop: Tenant) -> None:
    expired, revoked, wrong = issue(shop), issue(shop), issue(shop)
    change(shop, expired.key, expires_at=timezone.now())
    with tenant_scope(shop.pk) as scoped:
        services.revoke_api_key(tenant=scoped, key_id=revoked.key.pk, actor=SYSTEM)
    change(shop, wrong.key, secret_hash="0" * 64)
    never_issued = "chat_live_" + "0" * 10 + "_" + "0" * 43
    refusals = set()
    for key in (expired.secret, revoked.secret, wrong.secret, never_issued, "garbage", "\ud800"):
        with pytest.raises(InvalidApiKey) as refused:
            authentication.authenticate_key(key, address=None)
        refusals.add(str(refused.value.envelope()))
    assert len(refusals) == 1


def test_a_key_expires(shop: Tenant) -> None:
    issued = issue(shop, expires_at=timezone.now() + timedelta(hours=1))
    assert works(issued.secret)
    change(shop, issued.key, expires_at=timezone.now())
    assert not works(issued.secret)


def test_a_revoked_key_stays_in_the_list(shop: Tenant) -> None:
    issued = issue(shop)
    with tenant_scope(shop.pk) as scoped:
        assert services.revoke_api_key(tenant=scoped, key_id=issued.key.pk, actor=SYSTEM)
        assert not services.revoke_api_key(tenant=scoped, key_id=issued.key.pk, actor=SYSTEM)
        assert list(selectors.list_api_keys(tenant=scoped)) == [issued.key]
        entries = AuditEntry.objects.filter(object_id=str(issued.key.pk)).order_by("at")
        assert [entry.action for entry in entries] == ["api_key.issued", "api_key.revoked"]


def test_rotation_lets_both_work_for_a_while(shop: Tenant) -> None:
    old = issue(shop, "settings:read", "audit:read", rate_limit_points=7)
    new = rotate(shop, old.key, overlap=3600)
    assert works(old.secret)
    assert works(new.secret)
    was = stored(shop, old.key)
    assert was.replaced_by_id == new.key.pk
    assert was.expires_at is not None
    assert timedelta(minutes=59) < was.expires_at - timezone.now() <= timedelta(hours=1)
    assert (new.key.scopes, new.key.name, new.key.rate_limit_points, new.key.expires_at) == (
        old.key.scopes,
        "Order system",
        7,
        None,
    )
    change(shop, old.key, expires_at=timezone.now())
    assert not works(old.secret)
    assert works(new.secret)


def test_rotating_twice_leaves_two_keys_and_no_more(shop: Tenant) -> None:
    first = issue(shop)
    second = rotate(shop, first.key, overlap=3600)
    third = rotate(shop, second.key, overlap=3600)
    assert [works(issued.secret) for issued in (first, second, third)] == [False, True, True]


def test_rotation_without_overlap_ends_the_old_key_at_once(shop: Tenant) -> None:
    old = issue(shop)
    new = rotate(shop, old.key, overlap=0)
    assert not works(old.secret)
    assert works(new.secret)


def test_rotation_never_prolongs_the_old_key_but_gives_the_new_one_its_lifetime(
    shop: Tenant,
) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    old = issue(shop, expires_at=soon)
    new = rotate(shop, old.key, overlap=86_400)
    assert stored(shop, old.key).expires_at == soon
    assert new.key.expires_at is not None
    assert new.key.expires_at - new.key.created_at == pytest.approx(
        timedelta(minutes=5), abs=timedelta(seconds=5)
    )


def test_what_cannot_be_rotated(shop: Tenant, rival: Tenant) -> None:
    replaced, ended, foreign = issue(shop), issue(shop), issue(rival)
    rotate(shop, replaced.key, overlap=60)
    change(shop, ended.key, expires_at=timezone.now())
    for key in (replaced.key, ended.key):
        with pytest.raises(ApiKeyNotActive):
            rotate(shop, key, overlap=60)
    with pytest.raises(ApiKeyNotFound):
        rotate(shop, foreign.key, overlap=60)
    for overlap in (-1, 30 * 86_400 + 1):
        with pytest.raises(InvalidParameter):
            rotate(shop, ended.key, overlap=overlap)


def test_another_tenants_key_cannot_be_seen_or_revoked(shop: Tenant, rival: Tenant) -> None:
    foreign = issue(rival)
    with tenant_scope(shop.pk) as scoped:
        assert not selectors.list_api_keys(tenant=scoped).exists()
        with pytest.raises(ApiKeyNotFound):
            services.revoke_api_key(tenant=scoped, key_id=foreign.key.pk, actor=SYSTEM)
    assert works(foreign.secret)


def test_a_key_gives_away_no_more_than_it_holds(shop: Tenant) -> None:
    clerk = authentication.authenticate_key(
        issue(shop, "keys:write", "admin:read").secret, address=None
    )
    assert issue(shop, "keys:write", "audit:read", granted_by=clerk)
    assert issue(shop, "admin:read", granted_by=clerk)
    for scope, missing in (
        ("settings:write", ["settings:write"]),
        (
            "admin:write",
            [
                "admin:write",
                "billing:write",
                "channels:write",
                "conversations:write",
                "settings:write",
                "templates:write",
            ],
        ),
    ):
        with pytest.raises(InsufficientScope) as refused:
            issue(shop, scope, granted_by=clerk)
        assert refused.value.details == {"missing": missing}
    # Whoever rotates a key gets to know its secret.
    stronger = issue(shop, "admin:write")
    with pytest.raises(InsufficientScope):
        rotate(shop, stronger.key, overlap=60, by=clerk)


def test_a_key_gives_away_no_more_time_and_calls_than_it_has(shop: Tenant) -> None:
    end = timezone.now() + timedelta(days=1)
    own = issue(shop, "keys:write", expires_at=end, rate_limit_points=50)
    clerk = authentication.authenticate_key(own.secret, address=None)
    heir = issue(shop, "keys:write", granted_by=clerk).key
    assert (heir.expires_at, heir.rate_limit_points) == (end, 50)
    for beyond, field in (
        ({"expires_at": end + timedelta(seconds=1)}, "expires_at"),
        ({"rate_limit_points": 51}, "rate_limit_points"),
        ({"rate_limit_points": 0}, "rate_limit_points"),
    ):
        with pytest.raises(Forbidden) as refused:
            issue(shop, "keys:write", granted_by=clerk, **beyond)
        assert (refused.value.details or {})["field"] == field
    less = issue(
        shop,
        "keys:write",
        granted_by=clerk,
        expires_at=end - timedelta(hours=1),
        rate_limit_points=1,
    ).key
    assert (less.expires_at, less.rate_limit_points) == (end - timedelta(hours=1), 1)
    # Nor by rotating: neither itself, nor a key that has more.
    successor = rotate(shop, own.key, overlap=3600, by=clerk).key
    assert (successor.expires_at, successor.rate_limit_points) == (end, 50)
    for richer in (issue(shop, "keys:write", rate_limit_points=9), issue(shop, "keys:write")):
        with pytest.raises(Forbidden):
            rotate(shop, richer.key, overlap=3600, by=clerk)


def test_a_key_without_bounds_of_its_own_makes_any(shop: Tenant) -> None:
    clerk = authentication.authenticate_key(issue(shop, "keys:write").secret, address=None)
    end = timezone.now() + timedelta(days=400)
    made = issue(shop, "keys:write", granted_by=clerk, expires_at=end, rate_limit_points=1_000).key
    assert (made.expires_at, made.rate_limit_points) == (end, 1_000)


def test_a_key_revokes_itself_and_none_that_may_do_more(shop: Tenant) -> None:
    own = issue(shop, "keys:write", "admin:read")
    clerk = authentication.authenticate_key(own.secret, address=None)
    weaker, stronger = issue(shop, "audit:read"), issue(shop, "admin:write")
    with tenant_scope(shop.pk) as scoped:
        with pytest.raises(InsufficientScope):
            services.revoke_api_key(
                tenant=scoped, key_id=stronger.key.pk, actor=SYSTEM, revoked_by=clerk
            )
        for key in (weaker.key, own.key):
            assert services.revoke_api_key(
                tenant=scoped, key_id=key.pk, actor=SYSTEM, revoked_by=clerk
            )
    assert works(stronger.secret)
    assert not works(weaker.secret)


def test_a_missing_scope_is_named(shop: Tenant) -> None:
    principal = authentication.authenticate_key(issue(shop, "settings:read").secret, address=None)
    principal.require_scope(Scope.SETTINGS_READ)
    with pytest.raises(InsufficientScope) as refused:
        principal.require_scope(Scope.SETTINGS_WRITE)
    assert "settings:write" in refused.value.public_message
    assert refused.value.details == {"required": "settings:write"}


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("expires_at", {"expires_at": timezone.now() - timedelta(seconds=1)}),
        ("rate_limit_points", {"rate_limit_points": -1}),
        ("rate_limit_points", {"rate_limit_points": True}),
        ("rate_limit_points", {"rate_limit_points": 1_000_001}),
    ],
)
def test_what_a_key_cannot_be(shop: Tenant, field: str, options: dict[str, object]) -> None:
    with pytest.raises(InvalidParameter) as refused:
        issue(shop, **options)
    assert (refused.value.details or {})["field"] == field


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b"])
def test_a_key_needs_a_name(shop: Tenant, name: str) -> None:
    with tenant_scope(shop.pk) as scoped, pytest.raises(InvalidParameter):
        services.issue_api_key(tenant=scoped, name=name, scopes=["audit:read"], actor=SYSTEM)


def test_use_is_noted_at_most_once_a_minute(shop: Tenant) -> None:
    issued = issue(shop)
    assert issued.key.last_used_at is None
    authentication.authenticate_key(issued.secret, address=None)
    first = stored(shop, issued.key).last_used_at
    assert first is not None
    authentication.authenticate_key(issued.secret, address=None)
    assert stored(shop, issued.key).last_used_at == first
    change(shop, issued.key, last_used_at=first - timedelta(seconds=61))
    authentication.authenticate_key(issued.secret, address=None)
    again = stored(shop, issued.key).last_used_at
    assert again is not None
    assert again > first


def test_a_refused_call_leaves_no_trace_of_use(shop: Tenant) -> None:
    issued = issue(shop)
    change(shop, issued.key, expires_at=timezone.now())
    assert not works(issued.secret)
    assert stored(shop, issued.key).last_used_at is None


def test_each_key_has_its_own_budget(shop: Tenant, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api_key": (2, 60)}
    ordinary, other = issue(shop), issue(shop)
    generous, unlimited = issue(shop, rate_limit_points=3), issue(shop, rate_limit_points=0)
    for issued, calls in ((ordinary, 2), (other, 2), (generous, 3)):
        for _ in range(calls):
            authentication.authenticate_key(issued.secret, address=None)
        with pytest.raises(RateLimited) as refused:
            authentication.authenticate_key(issued.secret, address=None)
        assert refused.value.retry_after_seconds
    for _ in range(5):
        authentication.authenticate_key(unlimited.secret, address=None)
