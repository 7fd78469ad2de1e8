"""Refusing what a tenant's plan has no room for."""

from collections.abc import Callable

from tenants import configuration, metrics, plan_limits
from tenants.errors import OverLimit
from tenants.models import Tenant
from tenants.plan_limits import Limit

_NAMES = {
    Limit.MEMBERS: "members",
    Limit.AGENTS: "agents",
    Limit.API_KEYS: "API keys",
    Limit.BOTS: "bots",
}


def require_room(
    tenant: Tenant, limit: Limit, *, count: Callable[[], int], counted: str = ""
) -> None:
    """Make sure that one more fits; call it in the transaction that adds it, before it does.

    The tenant is held until that transaction ends, so that additions at the same time come one
    after another and `count` sees those before. `counted` is a sentence about what counts beside
    the obvious. Raises OverLimit.
    """
    configuration.hold(tenant)
    # Read now: the plan may have changed while this waited.
    most = plan_limits.read(tenant).counts.get(limit)
    used = 0 if most is None else count()
    if most is None or used < most:
        return
    metrics.OVER_LIMIT.labels(limit.value).inc()
    sentences = (
        f"Your plan's limit of {_NAMES[limit]} is {most}.",
        counted,
        "Remove one first, or ask for a larger plan.",
    )
    raise OverLimit(
        " ".join(filter(None, sentences)),
        name=limit.value,
        limit=most,
        used=used,
    )


def require_within_plan(tenant: Tenant, key: str, value: object) -> None:
    """Make sure that a setting is no looser than what the plan allows; raises OverLimit."""
    most = plan_limits.read(tenant).cap_setting(key, value)
    if most == value:
        return
    metrics.OVER_LIMIT.labels(key).inc()
    raise OverLimit(
        f"Your plan's own value is {most}; a setting can be stricter, not looser.",
        name=key,
        limit=most,
    )
