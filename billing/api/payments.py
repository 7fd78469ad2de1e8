"""/v2/admin/billing/checkout and /portal: the way to Stripe's pages."""

from typing import Annotated, Any, ClassVar

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import validation
from billing.models import Interval
from billing.stripe import checkout
from kernel.rest import fields
from kernel.rest.answers import Answer, answered
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Billing"]


class WantedPlan(serializers.Serializer[Any]):
    """What is to be bought."""

    plan = fields.Text(max_length=validation.MAX_CODE, help_text="The plan's code.")
    interval = serializers.ChoiceField(
        choices=Interval.values, default=Interval.MONTH, help_text="How often it is paid."
    )


class NothingWanted(serializers.Serializer[Any]):
    """The call needs no values."""


class PaymentPageJson(Answer, frozen=True, kw_only=True):
    """A page of Stripe's."""

    url: Annotated[str, Meta(description="Send a person there at once; its holder may use it.")]


class _PayingView(ApiKeyView):
    # It waits for Stripe.
    has_own_scopes = True
    reading: ClassVar[Scope] = Scope.BILLING_WRITE
    # Who has used up its calls must be able to pay for more.
    is_counted = False


class Checkout(_PayingView):
    """Buying a plan."""

    @extend_schema(
        operation_id="openCheckout",
        tags=_TAGS,
        summary="Open a checkout page",
        description="Needs `billing:write`. A page of Stripe's where a person pays for a plan; the "
        "page of an earlier call expires. What was paid holds once Stripe has told us, some "
        "seconds later. 409 `already_subscribed` where the portal is the way, "
        "`stripe_not_configured` where nobody can pay, `stripe_failed` when Stripe refuses or "
        "does not answer.",
        request=WantedPlan,
        responses=answered(PaymentPageJson),
    )
    def post(self, request: Request) -> Response:
        """The page's address."""
        wanted = read(WantedPlan, request)
        url = checkout.open_checkout(
            tenant_id=self.principal.tenant_id,
            plan_code=wanted["plan"],
            interval=wanted["interval"],
            actor=self.actor,
        )
        return Response(PaymentPageJson(url=url))


class Portal(_PayingView):
    """Managing what is paid."""

    @extend_schema(
        operation_id="openBillingPortal",
        tags=_TAGS,
        summary="Open the billing portal",
        description="Needs `billing:write`. A page of Stripe's with the invoices, where a person "
        "changes the card or the plan, or cancels. 404 `no_billing_account` where nothing was "
        "bought.",
        request=NothingWanted,
        responses=answered(PaymentPageJson),
    )
    def post(self, request: Request) -> Response:
        """The page's address."""
        read(NothingWanted, request)
        url = checkout.open_portal(tenant_id=self.principal.tenant_id, actor=self.actor)
        return Response(PaymentPageJson(url=url))
