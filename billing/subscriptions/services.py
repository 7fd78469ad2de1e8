"""Taking over what Stripe says about a tenant's subscription."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from billing import selectors, services
from billing.models import BillingAccount, Plan
from billing.subscriptions import states
from billing.subscriptions.states import Reading, Rules, State
from tenants import audit, configuration
from tenants.audit import SYSTEM
from tenants.models import Tenant

logger = structlog.get_logger(__name__)

_MAX_PROBLEM = 300


def take_over(
    *, tenant: Tenant, readings: Sequence[Reading], asked_at: datetime
) -> BillingAccount | None:
    """Bring the tenant's account and plan to what was read of Stripe; in the tenant's scope.

    Does nothing for a tenant without an account, nor where Stripe was asked later than this and
    that is on record: a worker may stand still between reading and recording. The same readings
    again change nothing. What changes holds in every process with the tenant's next request, also
    for sockets that are open.
    """
    account = BillingAccount.objects.filter(tenant=tenant).first()
    if account is None:
        return None
    chosen = states.choose(readings)
    codes = () if states.is_unclear(readings) else _plan_codes(account, chosen)
    plan = _first_plan(codes)
    problem = _problem_of(readings, chosen, codes, plan)
    # Only for a change, since what a worker records together is of many tenants with few plans.
    other = plan if plan != selectors.find_plan_of(tenant) else None
    if other is not None:
        # It is locked before the tenant, as everywhere.
        services.lock_plan(other.code)
    configuration.hold(tenant)
    account = BillingAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if account.read_at is not None and account.read_at > asked_at:
        return account
    if other is not None:
        services.assign_plan(tenant=tenant, code=other.code, actor=SYSTEM)
    before = account.state, account.read_only_from
    if not states.is_unclear(readings):
        _note(account, chosen, asked_at)
    account.problem, account.read_at = problem[:_MAX_PROBLEM], asked_at
    account.save()
    if (account.state, account.read_only_from) != before:
        configuration.invalidate_configuration(tenant)
        audit.record(
            tenant=tenant,
            actor=SYSTEM,
            action="billing.state_changed",
            object_type="billing_account",
            object_id=account.pk,
            changes={
                "state": [before[0], account.state],
                "subscription": account.subscription_id,
            },
        )
        logger.info("billing_state_changed", before=before[0], after=account.state)
    if problem:
        logger.error("billing_problem", problem=problem)
    return account


def note_problem(*, tenant: Tenant, problem: str) -> None:
    """Note what a person of the platform has to look at, and change nothing else; in the scope."""
    configuration.hold(tenant)
    BillingAccount.objects.filter(tenant=tenant).update(problem=problem[:_MAX_PROBLEM])
    logger.error("billing_problem", problem=problem)


def open_account(*, tenant: Tenant, customer_id: str, replaced: str = "") -> BillingAccount:
    """Note which customer of Stripe the tenant is; a tenant stays the one that it is.

    Unless that one is `replaced`, since it was deleted at Stripe.
    """
    configuration.hold(tenant)
    account, is_new = BillingAccount.objects.get_or_create(
        tenant=tenant, defaults={"customer_id": customer_id}
    )
    if not is_new and account.customer_id == replaced:
        account.customer_id, is_new = customer_id, True
        account.save(update_fields=["customer_id"])
    if is_new:
        audit.record(
            tenant=tenant,
            actor=SYSTEM,
            action="billing.account_opened",
            object_type="billing_account",
            object_id=account.pk,
            changes={"customer": customer_id},
        )
    return account


def rules() -> Rules:
    """What the installation's settings say."""
    return Rules(
        grace=timedelta(days=settings.STRIPE_GRACE_DAYS),
        has_plan_after_end=bool(settings.STRIPE_PLAN_AFTER_END),
    )


def _note(account: BillingAccount, chosen: Reading | None, now: datetime) -> None:
    state = State.NONE if chosen is None or chosen.state is None else chosen.state
    if chosen is None and account.subscription_id:
        # The customer was deleted.
        state = State.CANCELED
    if state != account.state:
        account.state, account.state_since = state, now
    if chosen is not None:
        account.subscription_id = chosen.subscription_id
        account.lookup_key = chosen.lookup_key
        account.quantity = chosen.quantity
        account.current_period_end = chosen.current_period_end
        account.trial_end = chosen.trial_end
        account.cancel_at = chosen.cancel_at
    account.read_only_from = states.read_only_from(state, account.state_since, rules())


def _plan_codes(account: BillingAccount, chosen: Reading | None) -> tuple[str, ...]:
    """Of which plans the tenant is to have the first that there is; none: the one that it has."""
    if chosen is not None and chosen.state in states.SERVED:
        return chosen.plan_codes
    has_ended = account.subscription_id != "" if chosen is None else chosen.state == State.CANCELED
    if has_ended and settings.STRIPE_PLAN_AFTER_END:
        return (str(settings.STRIPE_PLAN_AFTER_END),)
    return ()


def _first_plan(codes: Sequence[str]) -> Plan | None:
    found = {plan.code: plan for plan in Plan.objects.filter(code__in=codes)} if codes else {}
    return next((found[code] for code in codes if code in found), None)


def _problem_of(
    readings: Sequence[Reading], chosen: Reading | None, codes: Sequence[str], plan: Plan | None
) -> str:
    unknown = states.unknown_statuses(readings)
    if unknown:
        return f"Stripe says {', '.join(unknown)} of a subscription, a word that is new to us."
    if codes and plan is None:
        return f"There is no plan {codes[0]!r}, which the subscription at Stripe is for."
    if chosen is not None and chosen.state in states.SERVED and not codes:
        return "The price that is paid at Stripe has no lookup key, and is of no plan's product."
    if states.are_several_served(readings):
        return "The customer has several subscriptions at Stripe, and pays for each of them."
    return ""
