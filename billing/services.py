"""Making plans, changing them, and giving them to tenants.

A plan is locked before its tenants are, everywhere, so that a tenant which gets the plan while it
is changed is told of the change, too.
"""

from functools import partial
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from billing import limits as billing_limits
from billing import selectors, validation
from billing.errors import PlanCodeTaken, PlanNotFound
from billing.models import LimitOverride, Plan, Subscription
from tenants import audit, configuration, use_limits
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)


@transaction.atomic
def create_plan(
    *,
    code: str,
    name: str,
    actor: Actor,
    rate_limits: object = None,
    **limits: Any,
) -> Plan:
    """A new plan, which nobody has yet; raises InvalidParameter and PlanCodeTaken.

    `limits` are fields of the plan: numbers by their limits' names, `hard_limits` and `grace`.

    No tenant is concerned, so who made it stands in the log and in no tenant's trail.
    """
    values = _checked({"name": name, "rate_limits": rate_limits or {}, **limits})
    try:
        with transaction.atomic():
            plan = Plan.objects.create(code=validation.plan_code(code), **values)
    except IntegrityError:
        raise PlanCodeTaken() from None
    logger.info("plan_created", plan=plan.code, actor_kind=actor.kind, actor_id=actor.id)
    return plan


def update_plan(*, plan: Plan, actor: Actor, **changes: Any) -> Plan:
    """Give a plan other values, by field; they hold for its tenants with their next request.

    What a tenant has over a lowered number stays; it can add no more. Each tenant's trail tells of
    the change. Raises InvalidParameter.
    """
    values = _checked(changes)
    with platform_scope("the tenants of a plan"):
        locked = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        changed = {
            name: [getattr(locked, name), value]
            for name, value in values.items()
            if getattr(locked, name) != value
        }
        if not changed:
            return locked
        for name in changed:
            setattr(locked, name, values[name])
        locked.save(update_fields=[*changed, "updated_at"])
        subscriptions = Subscription.objects.filter(plan=locked).select_related("tenant")
        for subscription in subscriptions.order_by("tenant_id"):
            _let_limits_hold(subscription.tenant)
            audit.record(
                tenant=subscription.tenant,
                actor=actor,
                action="plan.changed",
                object_type="plan",
                object_id=locked.pk,
                changes={"code": locked.code, **changed},
            )
        logger.info("plan_changed", plan=locked.code, actor_kind=actor.kind, actor_id=actor.id)
        return locked


def assign_plan(*, tenant: Tenant, code: str | None, actor: Actor) -> Plan | None:
    """Give the tenant a plan, in its scope; None takes the plan away. Raises PlanNotFound.

    What the tenant has over the plan's numbers stays; it can add no more.
    """
    plan = None if code is None else lock_plan(code)
    configuration.hold(tenant)
    before = selectors.find_plan_of(tenant)
    if before == plan:
        return plan
    if plan is None:
        Subscription.objects.filter(tenant=tenant).delete()
    else:
        Subscription.objects.update_or_create(tenant=tenant, defaults={"plan": plan})
    _let_limits_hold(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="plan.assigned",
        object_type="tenant",
        object_id=tenant.pk,
        changes={"plan": [before.code if before else None, plan.code if plan else None]},
    )
    return plan


def lock_plan(code: str) -> Plan:
    """The plan, locked until the transaction ends; raises PlanNotFound."""
    plan = Plan.objects.select_for_update(no_key=True).filter(code=code).first()
    if plan is None:
        raise PlanNotFound(plan=code[:40])
    return plan


def override_limit(*, tenant: Tenant, limit: Limit, value: int | None, actor: Actor) -> None:
    """Give the tenant a number of its own in place of its plan's; None: no such limit.

    Raises InvalidParameter.
    """
    checked = validation.counted(limit.value, value)
    configuration.hold(tenant)
    before = LimitOverride.objects.filter(tenant=tenant, limit=limit.value).first()
    if before is not None and before.value == checked:
        return
    LimitOverride.objects.update_or_create(
        tenant=tenant, limit=limit.value, defaults={"value": checked}
    )
    _note_limit(tenant, limit, [before.value if before else "plan", checked], actor)


def remove_override(*, tenant: Tenant, limit: Limit, actor: Actor) -> None:
    """Let the plan's number hold again."""
    configuration.hold(tenant)
    before = LimitOverride.objects.filter(tenant=tenant, limit=limit.value).first()
    if before is None:
        return
    before.delete()
    _note_limit(tenant, limit, [before.value, "plan"], actor)


def _note_limit(tenant: Tenant, limit: Limit, values: list[Any], actor: Actor) -> None:
    _let_limits_hold(tenant)
    audit.record(
        tenant=tenant,
        actor=actor,
        action="limit.changed",
        object_type="tenant",
        object_id=tenant.pk,
        changes={limit.value: values},
    )


def _let_limits_hold(tenant: Tenant) -> None:
    """Every process reads the limits anew, and what is used is counted anew."""
    configuration.invalidate_configuration(tenant)
    billing_limits.forget_changed(tenant)
    transaction.on_commit(partial(use_limits.recount, tenant.pk))


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored; raises InvalidParameter."""
    checked = dict(values)
    if "name" in checked:
        checked["name"] = validation.plan_name(checked["name"])
    if "rate_limits" in checked:
        checked["rate_limits"] = validation.rate_limits(checked["rate_limits"])
    for name in validation.COUNTED:
        if name in checked:
            checked[name] = validation.counted(name, checked[name])
    if "hard_limits" in checked:
        checked["hard_limits"] = validation.hard_limits(checked["hard_limits"])
    if "grace" in checked:
        checked["grace"] = validation.grace(checked["grace"])
    return checked
