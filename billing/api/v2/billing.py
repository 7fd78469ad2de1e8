"""/v2/admin/billing"""

from typing import Annotated, ClassVar

import structlog
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from billing import limits, selectors
from billing.api.v2.limits import LimitJson
from billing.models import BillingAccount, Plan
from billing.stripe import api
from billing.stripe.api import Invoice
from billing.stripe.failures import StripeFailure
from billing.subscriptions.states import State
from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment, answered
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)


class BoughtPlanJson(Answer, frozen=True, kw_only=True):
    """A plan, as those see it who have it."""

    code: str
    name: str

    @classmethod
    def of(cls, plan: Plan) -> "BoughtPlanJson":
        """The plan as it is shown."""
        return cls(code=plan.code, name=plan.name)


class PaymentJson(Answer, frozen=True, kw_only=True):
    """What Stripe last said about the tenant's subscription."""

    since: Annotated[Moment, Meta(description="Since when it has been in its state.")]
    price: Annotated[str, Meta(description="Such as `team:month`.")]
    trial_ends_at: Moment | None
    period_ends_at: Moment | None
    ends_at: Annotated[Moment | None, Meta(description="Null: it goes on.")]
    read_only_from: Annotated[
        Moment | None, Meta(description="From then on customers can only read; null: never.")
    ]

    @classmethod
    def of(cls, account: BillingAccount) -> "PaymentJson":
        """The subscription as it is shown."""
        return cls(
            since=iso_ms(account.state_since),
            price=account.lookup_key,
            trial_ends_at=iso_ms_or_none(account.trial_end),
            period_ends_at=iso_ms_or_none(account.current_period_end),
            ends_at=iso_ms_or_none(account.cancel_at),
            read_only_from=iso_ms_or_none(account.read_only_from),
        )


class InvoiceJson(Answer, frozen=True, kw_only=True):
    """What a period has cost."""

    number: str | None
    status: Annotated[str, Meta(description="Stripe's word: `paid`, `open`, `draft`, `void` …")]
    amount: Annotated[int, Meta(description="In the currency's smallest unit.")]
    currency: str
    created_at: Moment
    url: Annotated[str | None, Meta(description="Stripe's page, to read it or to pay it.")]

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceJson":
        """The invoice as it is shown."""
        return cls(
            number=invoice.number or None,
            status=invoice.status,
            amount=invoice.amount,
            currency=invoice.currency,
            created_at=iso_ms(invoice.created_at),
            url=invoice.url or None,
        )


class BillingJson(Answer, frozen=True, kw_only=True):
    """What the tenant has bought, and how much of it is used."""

    plan: Annotated[BoughtPlanJson | None, Meta(description="Null: the platform's own limits.")]
    state: Annotated[
        str,
        Meta(
            description="Of the payment; `active` where nothing was bought and the operator gives "
            "plans by hand.",
            extra_json_schema={"enum": [state for state in State.values if state != State.NONE]},
        ),
    ]
    payment: Annotated[PaymentJson | None, Meta(description="Null: nothing was bought.")]
    limits: list[LimitJson]
    invoices: Annotated[
        list[InvoiceJson] | None,
        Meta(description="The last ones, newest first; null when Stripe does not answer."),
    ]


class Billing(ApiKeyView):
    """The tenant's plan and its limits."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    is_counted = False
    # It waits for Stripe, where the tenant has bought something.
    has_own_scopes = True

    @extend_schema(
        operation_id="readBilling",
        tags=["Tenant"],
        summary="Read the plan, its limits and how much of them is used",
        responses=answered(BillingJson),
    )
    def get(self, request: Request) -> Response:
        """As it is at this moment."""
        with tenant_scope(self.principal.tenant_id) as tenant:
            plan = selectors.find_plan_of(tenant)
            account = BillingAccount.objects.filter(tenant=tenant).first()
            statuses = limits.statuses_of(tenant)
        has_bought = account is not None and account.state != State.NONE
        return Response(
            BillingJson(
                plan=BoughtPlanJson.of(plan) if plan else None,
                state=account.state if account is not None and has_bought else State.ACTIVE,
                payment=PaymentJson.of(account) if account is not None and has_bought else None,
                limits=[LimitJson.of(status) for status in statuses],
                invoices=[] if account is None else _invoices_of(account),
            )
        )


def _invoices_of(account: BillingAccount) -> list[InvoiceJson] | None:
    if not api.is_configured():
        return []
    try:
        return [InvoiceJson.of(invoice) for invoice in api.invoices_of(account.customer_id)]
    except StripeFailure as failure:
        logger.warning("invoices_not_read", reason=str(failure))
        return None
