"""Plans, and who has which, in the console."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from billing import services, validation
from billing.models import Plan, Subscription
from billing.models.plans import GRACES
from kernel.errors import DomainError, InvalidParameter
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.plan_limits import Grace
from tenants.scope import tenant_scope

_LIMITS = ("rate_limits", *validation.COUNTED, "hard_limits", "grace")
_EMPTY = "Empty: as many as they like."


class PlanForm(ServiceForm):
    """A new plan, or other limits for one."""

    hard_limits = forms.MultipleChoiceField(
        choices=[(name, name.removeprefix("max_").replace("_", " ")) for name in validation.USED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="These refuse what is beyond them; the others only warn.",
    )

    grace = forms.ChoiceField(
        choices=GRACES,
        required=False,
        help_text="How far beyond a limit that refuses customers are still served.",
    )

    class Meta:
        model = Plan
        fields = ("name", "code", *_LIMITS)
        help_texts: ClassVar[dict[str, str]] = {
            "code": "Names the plan for programs; it cannot be changed later.",
            "rate_limits": 'By bucket, such as {"start": {"points": 60, "duration_seconds": 60}}. '
            "0 points: no limit. A tenant's own settings can be stricter, not looser.",
            "max_members": f"People in the admin. {_EMPTY}",
            "max_agents": f"Agents with a name that customers see. {_EMPTY}",
            "max_api_keys": f"API keys that work. {_EMPTY}",
            "max_bots": f"Bots in groups. {_EMPTY}",
            "max_starts_per_day": f"Conversations that customers start in a day, in UTC. {_EMPTY}",
            "max_messages_per_month": f"Messages from customers in a month. {_EMPTY}",
            "max_active_conversations": f"Open conversations. {_EMPTY}",
            "max_storage_bytes": f"Bytes of files that are kept. {_EMPTY}",
            "max_api_calls_per_month": f"Calls of the API in a month. {_EMPTY}",
        }

    def clean_code(self) -> str:
        """Only what can stand in an address."""
        return str(_checked(validation.plan_code, self.cleaned_data["code"]))

    def clean_hard_limits(self) -> Any:
        """As a list."""
        return _checked(validation.hard_limits, self.cleaned_data["hard_limits"])

    def clean_grace(self) -> str:
        """None, where nothing is chosen."""
        return self.cleaned_data["grace"] or Grace.NONE.value

    def clean_rate_limits(self) -> Any:
        """Only buckets that there are."""
        return _checked(validation.rate_limits, self.cleaned_data["rate_limits"] or {})

    def carry_out(self) -> Plan:
        """Make or change it."""
        values = {name: self.cleaned_data[name] for name in ("name", *_LIMITS)}
        if self.instance._state.adding:
            return services.create_plan(code=self.cleaned_data["code"], actor=self.actor, **values)
        return services.update_plan(plan=self.instance, actor=self.actor, **values)


@admin.register(Plan)
class PlanAdmin(StaffAdmin[Plan]):
    """The platform's plans; no tenant sees the list."""

    form = PlanForm
    list_display = ("name", "code", "max_members", "max_agents", "max_api_keys", "limited")
    search_fields = ("name", "code")
    ordering = ("name",)
    empty_icon = "sell"
    empty_title = "No plans yet"
    empty_text = "A plan is a bundle of limits; make one, then give it to a tenant."

    @column("Rate limits")
    def limited(self, plan: Plan) -> str:
        """Which buckets it names."""
        return ", ".join(sorted(plan.rate_limits)) or "the platform's"

    @column("Changed", ordering="updated_at")
    def changed(self, plan: Plan) -> str:
        """When it was last changed."""
        return moment(plan.updated_at)

    def get_fields(self, request: HttpRequest, obj: Plan | None = None) -> Any:
        """When it was changed is known later."""
        own = ("name", "code", *_LIMITS)
        return own if obj is None else (*own, "changed")

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> Any:
        """The code stays."""
        return () if obj is None else ("code", "changed")


class SubscriptionForm(ServiceForm):
    """A tenant's plan."""

    class Meta:
        model = Subscription
        fields = ("tenant", "plan")
        help_texts: ClassVar[dict[str, str]] = {
            "plan": "Its limits hold with the tenant's next request. What the tenant has over them "
            "stays; it can add no more.",
        }

    def carry_out(self) -> Subscription:
        """Give the tenant this plan."""
        plan: Plan = self.cleaned_data["plan"]
        with tenant_scope(self.instance.tenant_id) as tenant:
            services.assign_plan(tenant=tenant, code=plan.code, actor=self.actor)
            return Subscription.objects.get(tenant=tenant)


@admin.register(Subscription)
class SubscriptionAdmin(StaffAdmin[Subscription]):
    """Staff sell; a tenant's people see what they have."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    form = SubscriptionForm
    list_display = ("plan", "tenant", "since")
    list_filter = ("plan", TENANT)
    list_select_related = ("plan", "tenant")
    search_fields = ("tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant", "plan")
    ordering = ("-created_at",)
    actions_detail = ("end",)
    empty_icon = "sell"
    empty_title = "Nobody has a plan yet"
    empty_text = "Without a plan, a tenant has the platform's own limits."

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A member has one plan; the names of others say who else is here."""
        is_staff = getattr(request.user, "is_superuser", False)
        return super().get_list_filter(request) if is_staff else ()

    @column("Since", ordering="created_at")
    def since(self, subscription: Subscription) -> str:
        """Since when the tenant has had a plan."""
        return moment(subscription.created_at)

    def _of_plan(self, name: str, subscription: Subscription) -> str:
        number = getattr(subscription.plan, name)
        return "as many as you like" if number is None else str(number)

    @column("Members")
    def members(self, subscription: Subscription) -> str:
        """How many the plan allows."""
        return self._of_plan("max_members", subscription)

    @column("Agents with a name")
    def agents(self, subscription: Subscription) -> str:
        """How many the plan allows."""
        return self._of_plan("max_agents", subscription)

    @column("API keys")
    def api_keys(self, subscription: Subscription) -> str:
        """How many the plan allows."""
        return self._of_plan("max_api_keys", subscription)

    def get_fields(self, request: HttpRequest, obj: Subscription | None = None) -> Any:
        """What the plan allows is shown once there is one."""
        own = ("tenant", "plan")
        return own if obj is None else (*own, "members", "agents", "api_keys", "since")

    def get_readonly_fields(self, request: HttpRequest, obj: Subscription | None = None) -> Any:
        """The tenant stays."""
        return () if obj is None else ("tenant", "members", "agents", "api_keys", "since")

    def fitting_actions(self, row: Subscription) -> set[str]:
        """Any plan can be taken away."""
        return {"end"}

    @page_action("Take the plan away", path="end", icon="block", is_dangerous=True)
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Leave the tenant without a plan."""

        def perform(tenant: Tenant, _row: Subscription, actor: Actor) -> bool:
            services.assign_plan(tenant=tenant, code=None, actor=actor)
            return True

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Take this plan away?",
                meaning="From the tenant's next request on, only the platform's own limits hold: "
                "it can add as many members, agents and API keys as it likes.",
                button="Take the plan away",
                is_dangerous=True,
            ),
            done="The tenant has no plan any more.",
            goes_away=True,
        )


def _checked(check: Any, value: object) -> object:
    try:
        return check(value)
    except InvalidParameter as refusal:
        raise forms.ValidationError(_sentence(refusal)) from None


def _sentence(refusal: DomainError) -> str:
    """Without the name of the field, beside which it is shown."""
    return refusal.public_message.partition(": ")[2]


# Django looks for pages in this module only.
import billing.event_admin  # noqa: E402, F401
