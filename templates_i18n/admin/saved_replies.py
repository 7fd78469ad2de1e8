"""What agents often answer, in the console."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from kernel.errors import InvalidParameter
from templates_i18n import selectors, services
from templates_i18n.admin.fields import LOCALE_HELP, cleaned_locale
from templates_i18n.models import SavedReply
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope


class SavedReplyForm(ServiceForm):
    """The words of one reply in one language."""

    already_there = "The tenant has a reply of this name in this language already."
    refused_field = "text"

    text = forms.CharField(
        max_length=services.MAX_SAVED_REPLY,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "dir": "auto"}),
        help_text="{customer_name}, {agent_name} and {codename} are filled in.",
    )

    class Meta:
        model = SavedReply
        fields = ("tenant", "name", "locale", "text")
        help_texts: ClassVar[dict[str, str]] = {
            "name": "Agents send it with /r and this name: letters, digits, - and _.",
            "locale": LOCALE_HELP,
        }

    def clean_name(self) -> str:
        """Kept in one spelling."""
        try:
            return services.require_name(self.cleaned_data["name"])
        except InvalidParameter as refusal:
            raise forms.ValidationError(refusal.public_message) from None

    def clean_locale(self) -> str:
        """Kept in one spelling."""
        return cleaned_locale(self.cleaned_data["locale"])

    def clean_text(self) -> str:
        """A slip in a variable would reach customers as it is written, braces and all."""
        text: str = self.cleaned_data["text"]
        unknown = selectors.unknown_variables(text)
        if unknown:
            names = ", ".join(f"{{{name}}}" for name in unknown)
            raise forms.ValidationError(
                f"{names} cannot be filled in. Use {{customer_name}}, {{agent_name}} or "
                "{codename}, or leave the braces out."
            )
        return text

    def carry_out(self) -> SavedReply:
        """Write it."""
        with tenant_scope(self.instance.tenant_id) as tenant:
            return services.set_saved_reply(
                tenant=tenant,
                name=self.instance.name,
                locale=self.instance.locale,
                text=self.cleaned_data["text"],
                actor=self.actor,
            )


@admin.register(SavedReply)
class SavedReplyAdmin(StaffAdmin[SavedReply]):
    """A name may have a text in each language."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE
    form = SavedReplyForm
    list_display = ("name", "locale", "tenant", "beginning", "changed")
    list_filter = (TENANT,)
    list_select_related = ("tenant",)
    search_fields = ("name", "text", "locale", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug", "name", "locale")
    fields: ClassVar[tuple[str, ...]] = ("tenant", "name", "locale", "text")
    actions_detail = ("delete_reply",)
    empty_icon = "quickreply"
    empty_title = "No saved replies yet"
    empty_text = "Add what your agents often answer; they send it with /r and its name."

    @column("Text")
    def beginning(self, row: SavedReply) -> str:
        """Its first words."""
        return row.text if len(row.text) <= 60 else f"{row.text[:59]}…"

    @column("Changed", ordering="updated_at")
    def changed(self, row: SavedReply) -> str:
        """When it was last changed."""
        return moment(row.updated_at)

    def get_readonly_fields(self, request: HttpRequest, obj: SavedReply | None = None) -> Any:
        """A text belongs to its place."""
        return () if obj is None else ("tenant", "name", "locale")

    def fitting_actions(self, row: SavedReply) -> set[str]:
        """Any can be deleted."""
        return {"delete-reply"}

    @page_action("Delete", path="delete-reply", icon="delete")
    def delete_reply(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take it from the agents' list."""

        def perform(tenant: Tenant, row: SavedReply, actor: Actor) -> bool:
            return services.delete_saved_reply(
                tenant=tenant, name=row.name, locale=row.locale, actor=actor
            )

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Delete this saved reply?",
                meaning="Agents cannot send it any more. What was sent stays; the audit trail "
                "keeps the text.",
                button="Delete",
            ),
            done="The saved reply is deleted.",
            goes_away=True,
        )
