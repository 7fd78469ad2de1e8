"""Tenants' own words for the widget in the console."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminTextareaWidget

from templates_i18n import services
from templates_i18n.admin.fields import LOCALE_HELP, cleaned_locale
from templates_i18n.admin.languages import LanguagePages
from templates_i18n.catalogs import ENGLISH, PLURAL_FORMS, WIDGET, split_plural
from templates_i18n.models import Translation
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope


def english_of(key: str) -> str:
    """What the widget says for this string by default; of a plural form, the general one."""
    stem, _ = split_plural(key)
    texts = WIDGET[ENGLISH]
    return texts.get(key) or texts.get(f"{stem}_other", "")


def string_choices() -> list[tuple[str, str]]:
    """Every string of the widget with its English text, in the catalog's order."""
    keys: dict[str, None] = {}
    for key in WIDGET[ENGLISH]:
        stem, form = split_plural(key)
        keys |= dict.fromkeys([key] if form is None else [f"{stem}_{one}" for one in PLURAL_FORMS])
    return [(key, f"{key}: {english_of(key)}") for key in keys]


class TranslationForm(ServiceForm):
    """The words for one string in one language."""

    already_there = "The tenant has a text for this string and language already."
    refused_field = "text"

    key = forms.ChoiceField(label="String", widget=UnfoldAdminSelect2Widget)
    text = forms.CharField(
        max_length=services.MAX_TRANSLATION,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text="Keep what stands in braces, such as {agent}: it is filled in.",
    )

    class Meta:
        model = Translation
        fields = ("tenant", "locale", "key", "text")
        help_texts: ClassVar[dict[str, str]] = {"locale": LOCALE_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields.get("key")
        if isinstance(key, forms.ChoiceField):
            key.choices = [("", "Choose a string"), *string_choices()]

    def clean_locale(self) -> str:
        """Kept in one spelling."""
        return cleaned_locale(self.cleaned_data["locale"])

    def carry_out(self) -> Translation:
        """Set the text."""
        key, locale = self.instance.key, self.instance.locale
        text = self.cleaned_data["text"]
        with tenant_scope(self.instance.tenant_id) as tenant:
            services.set_translation(
                tenant=tenant, locale=locale, key=key, text=text, actor=self.actor
            )
            return Translation.objects.get(tenant=tenant, locale=locale, key=key)


@admin.register(Translation)
class TranslationAdmin(LanguagePages, StaffAdmin[Translation]):
    """Only strings that a tenant words differently are rows."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE
    form = TranslationForm
    list_display = ("key", "locale", "tenant", "beginning", "english", "changed")
    list_filter = (TENANT,)
    list_select_related = ("tenant",)
    search_fields = ("text", "key", "locale", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug", "locale", "key")
    fields: ClassVar[tuple[str, ...]] = ("tenant", "locale", "key", "text")
    actions_list = ("export_language", "import_language")
    actions_detail = ("give_up",)
    empty_icon = "translate"
    empty_title = "Every tenant's widget says what comes with it"
    empty_text = "Add a text to reword a string of the widget, or import a whole language."

    @column("Text")
    def beginning(self, row: Translation) -> str:
        """Its first words."""
        return row.text if len(row.text) <= 60 else f"{row.text[:59]}…"

    @column("In English")
    def english(self, row: Translation) -> str:
        """What it stands for."""
        text = english_of(row.key)
        return text if len(text) <= 60 else f"{text[:59]}…"

    @column("Changed", ordering="updated_at")
    def changed(self, row: Translation) -> str:
        """When it was last changed."""
        return moment(row.updated_at)

    def get_readonly_fields(self, request: HttpRequest, obj: Translation | None = None) -> Any:
        """A text belongs to its place."""
        return () if obj is None else ("tenant", "locale", "key")

    def fitting_actions(self, row: Translation) -> set[str]:
        """Any text can be given up."""
        return {"give-up"}

    @page_action("Use the built-in text", path="give-up", icon="restart_alt")
    def give_up(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return to what comes with the widget."""

        def perform(tenant: Tenant, row: Translation, actor: Actor) -> bool:
            return services.delete_translation(
                tenant=tenant, locale=row.locale, key=row.key, actor=actor
            )

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Give this text up?",
                meaning="The widget says again what it would without it; the audit trail keeps "
                "what it was.",
                button="Use the built-in text",
            ),
            done="The built-in text holds again.",
            goes_away=True,
        )
