"""What Stripe has sent, in the console: for staff."""

from typing import ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from billing.models import StripeEvent
from billing.stripe import inbox
from tenants.console import Question, StaffAdmin, column, moment, page_action
from tenants.console.base import only_tenant_id, staff_actor

_TONES: dict[str, str] = {
    StripeEvent.Outcome.QUEUED: "success",
    StripeEvent.Outcome.KEPT: "",
    StripeEvent.Outcome.UNMATCHED: "warning",
    StripeEvent.Outcome.WRONG_MODE: "danger",
}
_AGAIN = Question(
    title="Act on this event again?",
    meaning="The subscription of its customer is read of Stripe once more, and taken over.",
    button="Act again",
)


@admin.register(StripeEvent)
class StripeEventAdmin(StaffAdmin[StripeEvent]):
    """Nothing here is changed by hand; what an event says may be months behind."""

    can_add: ClassVar[bool] = False
    can_edit: ClassVar[bool] = False
    list_display = ("type", "result", "customer_id", "object_id", "received")
    list_filter = ("outcome",)
    search_fields = ("id", "customer_id", "object_id")
    ordering = ("-received_at",)
    fields = ("id", "type", "result", "customer_id", "object_id", "occurred", "received", "body")
    readonly_fields = fields
    actions_detail = ("act_again",)
    empty_icon = "webhook"
    empty_title = "Stripe has sent nothing yet"
    empty_text = "Events show here for thirty days."

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> StripeEvent | None:
        """Raises PermissionDenied in a tenant's scope, in which the database refuses as well."""
        if only_tenant_id() is not None:
            raise PermissionDenied
        return super().get_object(request, object_id, from_field)

    @column("What became of it", ordering="outcome", labels=_TONES)
    def result(self, event: StripeEvent) -> tuple[str, str]:
        """Whether it was acted on."""
        return event.outcome, StripeEvent.Outcome(event.outcome).label

    @column("Happened", ordering="occurred_at")
    def occurred(self, event: StripeEvent) -> str:
        """When Stripe made it."""
        return moment(event.occurred_at)

    @column("Received", ordering="received_at")
    def received(self, event: StripeEvent) -> str:
        """When it came."""
        return moment(event.received_at)

    def fitting_actions(self, row: StripeEvent) -> set[str]:
        """Any event can be a reason to look."""
        return {"act-again"}

    @page_action("Act again", path="act-again", icon="replay")
    def act_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the customer's subscription read once more."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            return HttpResponseRedirect(self.list_address())
        if not self.may_act(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.ask(request, _AGAIN, back=self.page_address(row), row=row)
        if inbox.act_again(row, actor=staff_actor(request)):
            messages.success(request, "The subscription is being read.")
        else:
            messages.warning(request, "No tenant is this customer.")
        return HttpResponseRedirect(self.page_address(row))
