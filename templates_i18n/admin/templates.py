"""The texts of system messages in the console."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from templates_i18n import selectors, services
from templates_i18n.admin.fields import LOCALE_HELP, cleaned_locale
from templates_i18n.admin.languages import LanguagePages
from templates_i18n.keys import NEVER_PERSISTED, Template, TemplateKey, built_in
from templates_i18n.models import MessageTemplate
from templates_i18n.preview import SAMPLE, preview_of
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope

_DELIVERY = (
    "enabled",
    "to_customer_ws",
    "to_customer_persist",
    "to_agents",
    "pin",
    "rate_limit_seconds",
)


class TemplateForm(ServiceForm):
    """The words and the way of one system message in one language."""

    already_there = "The tenant has a text for this message and language already."

    text = forms.CharField(
        max_length=services.MAX_TEXT,
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "dir": "auto"}),
        help_text="{customer_name}, {agent_name} and {codename} are filled in.",
    )

    class Meta:
        model = MessageTemplate
        fields = ("tenant", "key", "locale", "text", *_DELIVERY)
        # The browser opens the form anew, with the built-in text of what was chosen.
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "key": UnfoldAdminSelectWidget(attrs={"data-shapes-form": ""})
        }
        labels: ClassVar[dict[str, str]] = {
            "key": "Message",
            "locale": "Language",
            "to_customer_ws": "Note in the widget",
            "to_customer_persist": "Message that stays",
            "to_agents": "Post in the agents' topic",
            "pin": "Pin the post",
            "rate_limit_seconds": "At most once per",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "locale": LOCALE_HELP,
            "enabled": "Off: this message is not sent in this language.",
            "rate_limit_seconds": "Seconds, in one conversation. 0: every time.",
        }

    def clean_locale(self) -> str:
        """Kept in one spelling."""
        return cleaned_locale(self.cleaned_data["locale"])

    def clean_text(self) -> str:
        """A slip in a variable would reach customers as it is written, braces and all."""
        text: str = self.cleaned_data["text"]
        unknown = selectors.unknown_variables(text) if "text" in self.changed_data else []
        if unknown:
            names = ", ".join(f"{{{name}}}" for name in unknown)
            raise forms.ValidationError(
                f"{names} cannot be filled in. Use {{customer_name}}, {{agent_name}} or "
                "{codename}, or leave the braces out."
            )
        return text

    def carry_out(self) -> MessageTemplate:
        """Set the text and its delivery."""
        key, locale = TemplateKey(self.instance.key), self.instance.locale
        template = Template(
            key=key,
            text=self.cleaned_data["text"],
            **{name: self.cleaned_data[name] for name in _DELIVERY},
        )
        with tenant_scope(self.instance.tenant_id) as tenant:
            services.set_template(tenant=tenant, locale=locale, template=template, actor=self.actor)
            return MessageTemplate.objects.get(tenant=tenant, key=key, locale=locale)


@admin.register(MessageTemplate)
class MessageTemplateAdmin(LanguagePages, StaffAdmin[MessageTemplate]):
    """Only texts that differ from the built-in ones are rows."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE
    form = TemplateForm
    list_display = ("message", "locale", "tenant", "beginning", "enabled", "changed")
    list_filter = ("key", "enabled", TENANT)
    list_select_related = ("tenant",)
    search_fields = ("text", "key", "locale", "tenant__name")
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug", "key", "locale")
    change_form_after_template = "console/template_after.html"
    actions_list = ("export_language", "import_language")
    actions_detail = ("give_up",)
    empty_icon = "edit_note"
    empty_title = "Every tenant uses the built-in texts"
    empty_text = "Add a text to change what customers or agents read, in any language."
    fieldsets = (
        (None, {"fields": ("tenant", "key", "locale", "text")}),
        ("Delivery", {"fields": _DELIVERY}),
    )

    @column("Message", ordering="key")
    def message(self, row: MessageTemplate) -> str:
        """Which system message it is."""
        return row.get_key_display()

    @column("Text")
    def beginning(self, row: MessageTemplate) -> str:
        """Its first words."""
        return row.text if len(row.text) <= 70 else f"{row.text[:69]}…"

    @column("Changed", ordering="updated_at")
    def changed(self, row: MessageTemplate) -> str:
        """When it was last changed."""
        return moment(row.updated_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        """Those that are sent; what v1 keeps under keys of the tenant's own is for programs."""
        return super().get_queryset(request).filter(key__in=TemplateKey.values)

    def get_readonly_fields(self, request: HttpRequest, obj: MessageTemplate | None = None) -> Any:
        """A text belongs to its place."""
        return () if obj is None else ("tenant", "key", "locale")

    def fitting_actions(self, row: MessageTemplate) -> set[str]:
        """Any text can be given up."""
        return {"give-up"}

    @page_action("Give this text up", path="give-up", icon="restart_alt")
    def give_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return to what is said without it."""

        def perform(tenant: Tenant, row: MessageTemplate, actor: Actor) -> bool:
            return services.delete_template(
                tenant=tenant, key=TemplateKey(row.key), locale=row.locale, actor=actor
            )

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Give this text up?",
                meaning="From the next message on, the tenant's default text is used in this "
                "language, or the built-in one where there is none. The audit trail keeps what "
                "it was.",
                button="Give it up",
            ),
            done="The tenant no longer has a text of its own here.",
            goes_away=True,
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the built-in text and delivery of the message that the address names."""
        initial: dict[str, Any] = {
            "locale": "default",
            **super().get_changeform_initial_data(request),
        }
        if initial.get("key") in TemplateKey.values:
            template = built_in(TemplateKey(str(initial["key"])), str(initial["locale"]))
            initial = {
                "text": template.text,
                **{name: getattr(template, name) for name in _DELIVERY},
                **initial,
            }
        return initial

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Below the form: what each side sees; the browser follows the typing."""
        row = self.get_object(request, object_id) if object_id else None
        if row is None:
            initial = self.get_changeform_initial_data(request)
            key = initial.get("key")
            template = built_in(TemplateKey(key), "en") if key in TemplateKey.values else None
        else:
            key, template = row.key, row.as_template()
        extra = {
            "preview": preview_of(template) if template is not None else None,
            "sample": SAMPLE,
            "preview_rules": {
                "sample": SAMPLE,
                "key": key,
                "neverKept": [str(one) for one in NEVER_PERSISTED],
                "belowHistory": TemplateKey.CLOSED_HISTORY.value,
            },
            "built_in": built_in(TemplateKey(row.key), row.locale).text if row else "",
        }
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **extra}
        )
