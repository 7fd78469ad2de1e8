"""Each tenant's own values of settings."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from kernel.origins import readable
from tenants import plan_limits, services
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Setting, Tenant
from tenants.scope import tenant_scope
from tenants.settings import specs
from tenants.settings.specs import SettingSpec

_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class DescribedSetting:
    """One line of a tenant's page: what the setting is, its value, and where to change it."""

    key: str
    description: str
    value: str
    is_own: bool
    address: str

    @property
    def is_limit(self) -> bool:
        """Rate limits come in pairs and are rarely touched: they stand apart."""
        return self.key.startswith("rl.")


def described_settings(tenant: Tenant) -> list[DescribedSetting]:
    """Every setting there is, with the value that holds for the tenant."""
    own = {row.key: row for row in Setting.objects.filter(tenant_id=tenant.pk)}
    plan = plan_limits.read(tenant)
    lines = []
    for key, spec in sorted(specs.all_specs().items()):
        row = own.get(key)
        if row is None:
            query = urlencode({"tenant": str(tenant.pk), "key": key})
            address = f"{reverse('admin:tenants_setting_add')}?{query}"
        else:
            address = reverse("admin:tenants_setting_change", args=[row.pk])
        value = plan.cap_setting(key, None if row is None else row.value)
        value = spec.default_value() if value is None else value
        lines.append(
            DescribedSetting(key, spec.description, as_text(value), row is not None, address)
        )
    return lines


def as_text(value: object) -> str:
    """A value as people write it: yes or no, one list entry per line, hosts in their own script."""
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, list):
        return "\n".join(readable(str(entry)) for entry in value)
    return "" if value is None else str(value)


def from_text(spec: SettingSpec[Any], text: str) -> object:
    """The typed value behind what people write; the spec's own check comes later."""
    default = spec.default_value()
    text = text.strip()
    if isinstance(default, bool):
        return {_YES: True, _NO: False}.get(text.lower(), text)
    if isinstance(default, int):
        return int(text) if text.lstrip("-").isdecimal() else text
    if isinstance(default, list):
        return text.split()
    return text


class SettingForm(ServiceForm):
    """A value for one of the known settings."""

    key = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    text = forms.CharField(label="Value", required=False, strip=True)

    refused_field = "text"

    class Meta:
        model = Setting
        fields = ("tenant", "key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields:
            keys = sorted(specs.all_specs())
            self.fields["key"] = forms.ChoiceField(
                label="Setting",
                choices=[("", "Choose a setting"), *((key, key) for key in keys)],
                # The browser opens the form anew, shaped for what was chosen.
                widget=UnfoldAdminSelectWidget(attrs={"data-shapes-form": ""}),
            )
        key = self.instance.key or self.data.get("key") or self.initial.get("key") or ""
        self._shape_value(specs.all_specs().get(key))

    def _shape_value(self, spec: SettingSpec[Any] | None) -> None:
        field = self.fields["text"]
        field.widget = UnfoldAdminTextInputWidget()
        if spec is None:
            field.help_text = "Choose the setting first."
            return
        default = spec.default_value()
        allowed = spec.validate.schema.get("enum")
        if isinstance(default, bool):
            field.widget = UnfoldAdminSelectWidget(choices=[(_YES, "Yes"), (_NO, "No")])
        elif isinstance(allowed, list):
            field.widget = UnfoldAdminSelectWidget(choices=[(word, word) for word in allowed])
        elif isinstance(default, int):
            field.widget = UnfoldAdminIntegerFieldWidget()
        elif isinstance(default, list):
            field.widget = UnfoldAdminTextareaWidget()
            field.label = "Values, one per line"
        usual = as_text(default).replace("\n", ", ")
        field.help_text = f"{spec.description} By default: {usual or 'none'}."
        value = default if self.instance._state.adding else self.instance.value
        self.initial.setdefault("text", as_text(value))

    def carry_out(self) -> Setting:
        """Set the value."""
        key, tenant_id = self.instance.key, self.instance.tenant_id
        spec = specs.find_spec(key)
        value = from_text(spec, self.cleaned_data["text"])
        with tenant_scope(tenant_id) as tenant:
            services.set_setting(tenant=tenant, key=key, value=value, actor=self.actor)
            return Setting.objects.get(tenant=tenant, key=key)


@admin.register(Setting)
class SettingAdmin(StaffAdmin[Setting]):
    """Only values that differ from the platform's defaults are rows."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE
    form = SettingForm
    list_display = ("key", "shown_value", "tenant", "changed")
    list_filter = (TENANT,)
    list_select_related = ("tenant",)
    search_fields = ("key", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug", "key")
    actions_detail = ("reset",)
    empty_icon = "tune"
    empty_title = "Every tenant uses the platform's defaults"
    empty_text = "A tenant's page lists all settings; add one here to give it a value of its own."

    fields: ClassVar[tuple[str, ...]] = ("tenant", "key", "text")

    @column("Value")
    def shown_value(self, setting: Setting) -> str:
        """Short enough for a list."""
        text = as_text(setting.value).replace("\n", ", ")
        return text if len(text) <= 80 else f"{text[:79]}…"

    @column("Changed", ordering="updated_at")
    def changed(self, setting: Setting) -> str:
        """When it got this value."""
        return moment(setting.updated_at)

    def get_readonly_fields(self, request: HttpRequest, obj: Setting | None = None) -> Any:
        """A value may change; whose and what it is may not."""
        return () if obj is None else ("tenant", "key")

    def fitting_actions(self, row: Setting) -> set[str]:
        """A setting that is no longer known cannot be reset by the service."""
        return {"reset"} if row.key in specs.all_specs() else set()

    @page_action("Use the default", path="reset", icon="restart_alt")
    def reset(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the tenant's own value up."""

        def perform(tenant: Tenant, row: Setting, actor: Actor) -> bool:
            services.reset_setting(tenant=tenant, key=row.key, actor=actor)
            return True

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Return to the platform's default?",
                meaning="The tenant's own value is removed; the audit trail keeps what it was. "
                "The default holds with the next request.",
                button="Use the default",
            ),
            done="The platform's default holds again.",
            goes_away=True,
        )
