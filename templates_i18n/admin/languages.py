"""Taking a language of a tenant out of the console as a file, and putting one in."""

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from kernel.errors import DomainError
from templates_i18n import services
from templates_i18n.admin.fields import LOCALE_HELP, cleaned_locale
from templates_i18n.models import MessageTemplate
from tenants import scope_state
from tenants.audit import Actor
from tenants.console import list_action, staff_actor
from tenants.models import Tenant
from tenants.scope import tenant_scope

if TYPE_CHECKING:
    from tenants.console import StaffAdmin

    _Base = StaffAdmin[Any]
else:
    _Base = object

# A file arrives within a request, whose other parts need some of the room that it may take.
MAX_FILE_BYTES = 240 * 1024


class LanguageForm(forms.Form):
    """Whose language; `tenant` is the admin's own field, with its search."""

    tenant: forms.Field
    locale = forms.CharField(
        label="Language",
        max_length=35,
        widget=UnfoldAdminTextInputWidget,
        help_text=LOCALE_HELP,
    )

    def __init__(self, *args: Any, tenant_field: forms.Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(tenant_field, forms.ModelChoiceField):
            tenant_field.queryset = _tenants_in_reach()
        self.fields["tenant"] = tenant_field
        self.order_fields(["tenant", "locale"])

    def clean_locale(self) -> str:
        """Kept in one spelling."""
        return cleaned_locale(self.cleaned_data["locale"])


class ExportForm(LanguageForm):
    """What to download."""

    format = forms.ChoiceField(
        choices=[
            ("po", "PO, for translators: every string with its English text"),
            ("json", "JSON, for another tenant: own texts with their delivery"),
        ],
        widget=UnfoldAdminSelectWidget,
    )


class ImportForm(LanguageForm):
    """What to upload, and where to."""

    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget,
        help_text="A PO or JSON file as it was exported here, of up to "
        f"{MAX_FILE_BYTES // 1024} KB. What it leaves out stays as it is.",
    )

    def clean_file(self) -> str:
        """The file's text."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > MAX_FILE_BYTES:
            raise forms.ValidationError(f"Use a file of up to {MAX_FILE_BYTES // 1024} KB.")
        try:
            text: str = uploaded.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("The file must be in UTF-8.") from None
        return text

    def carry_out(self, actor: Actor) -> services.Imported | None:
        """Import; None with the refusal at the form."""
        tenant, locale, text = (self.cleaned_data[name] for name in ("tenant", "locale", "file"))
        try:
            with tenant_scope(tenant.pk) as scoped:
                if not text.lstrip().startswith("{"):
                    return services.import_po(tenant=scoped, locale=locale, text=text, actor=actor)
                return services.import_locale(
                    tenant=scoped, locale=locale, document=json.loads(text), actor=actor
                )
        except DomainError as refusal:
            self.add_error("file", refusal.public_message)
        except (ValueError, RecursionError):
            self.add_error("file", "This is neither JSON nor a PO file.")
        return None


class LanguagePages(_Base):
    """Two buttons above a list, each with a page."""

    @list_action("Export a language", path="export-language", icon="download", permission="view")
    def export_language(self, request: HttpRequest) -> HttpResponse:
        """Ask which, then answer with the file."""
        is_asked = "locale" in request.GET
        form = ExportForm(
            request.GET if is_asked else None,
            tenant_field=self._tenant_field(request),
            initial={"tenant": request.GET.get("tenant"), "locale": "default"},
        )
        if is_asked and form.is_valid():
            return _download(**form.cleaned_data)
        return self._language_page(
            request,
            form,
            title="Export a language",
            meaning="You get a file with the tenant's system messages and widget texts in one "
            "language. Nothing changes here.",
            button="Download",
            method="get",
        )

    @list_action("Import a language", path="import-language", icon="upload", permission="act")
    def import_language(self, request: HttpRequest) -> HttpResponse:
        """Ask which, then write all of the file's texts or none."""
        is_asked = request.method == "POST"
        form = ImportForm(
            request.POST if is_asked else None,
            request.FILES if is_asked else None,
            tenant_field=self._tenant_field(request),
            initial={"tenant": request.GET.get("tenant")},
        )
        if is_asked and form.is_valid():
            imported = form.carry_out(staff_actor(request))
            if imported is not None:
                messages.success(
                    request,
                    f"Imported: {imported.templates} system messages and "
                    f"{imported.translations} widget texts.",
                )
                tenant_id = form.cleaned_data["tenant"].pk
                return HttpResponseRedirect(f"{self.list_address()}?tenant__id__exact={tenant_id}")
        return self._language_page(
            request,
            form,
            title="Import a language",
            meaning="The file's texts replace the tenant's own in this language, all of them or, "
            "when one is not right, none. Customers see them with their next page.",
            button="Import",
            method="post",
        )

    def _tenant_field(self, request: HttpRequest) -> forms.Field:
        field = self.formfield_for_dbfield(MessageTemplate._meta.get_field("tenant"), request)
        assert field is not None
        return field

    def _language_page(self, request: HttpRequest, form: forms.Form, **words: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "back": self.list_address(),
            **words,
        }
        return TemplateResponse(request, "console/language.html", context)


def _tenants_in_reach() -> Any:
    """All tenants for staff; for a member only the tenant of the open scope."""
    scope = scope_state.current()
    tenants = Tenant.objects.all()
    if scope is None:
        return tenants.none()
    return tenants if scope.tenant_id is None else tenants.filter(pk=scope.tenant_id)


def _download(*, tenant: Tenant, locale: str, format: str) -> HttpResponse:
    with tenant_scope(tenant.pk) as scoped:
        if format == "po":
            content = services.export_po(tenant=scoped, locale=locale)
        else:
            document = services.export_locale(tenant=scoped, locale=locale)
            content = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    kind = "text/x-gettext-translation" if format == "po" else "application/json"
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    name = f"{tenant.slug}-{locale}.{format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
