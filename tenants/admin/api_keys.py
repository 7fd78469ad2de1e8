"""The keys of the tenants' servers. A secret is on one page, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html_join

from kernel.errors import DomainError
from tenants.api_keys import services
from tenants.api_keys.models import ApiKey
from tenants.api_keys.scopes import MEANINGS, Scope
from tenants.api_keys.services import IssuedKey
from tenants.audit import Actor
from tenants.console import (
    Question,
    ServiceForm,
    StaffAdmin,
    column,
    moment,
    page_action,
    staff_actor,
)
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope

if TYPE_CHECKING:
    from django.forms import CheckboxSelectMultiple
    from django.forms import Select as UnfoldAdminSelectWidget
else:
    from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple
    from unfold.widgets import UnfoldAdminSelectWidget

_LIFETIMES = {"": "Never", "30": "After 30 days", "90": "After 90 days", "365": "After a year"}
_OVERLAPS = {"0": "At once", "3600": "In an hour", "86400": "In a day", "604800": "In a week"}
_ISSUED = "issued_api_key"


class ApiKeyForm(ServiceForm):
    """A new key."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value} – {MEANINGS[scope]}") for scope in Scope],
        widget=CheckboxSelectMultiple,
        help_text="As few as the server needs.",
    )
    lifetime = forms.ChoiceField(
        choices=list(_LIFETIMES.items()),
        required=False,
        label="Expires",
        widget=UnfoldAdminSelectWidget,
    )
    issued: IssuedKey | None = None

    class Meta:
        model = ApiKey
        fields = ("tenant", "name", "rate_limit_points")
        labels: ClassVar[dict[str, str]] = {"rate_limit_points": "Calls at most"}
        help_texts: ClassVar[dict[str, str]] = {
            "name": "Which server uses it, such as “Order system”.",
            "rate_limit_points": "In one window of rl.api_key, a minute by default. Empty: as the "
            "tenant's other keys. 0: no limit.",
        }

    def carry_out(self) -> ApiKey:
        """Issue the key; its secret stays on this form."""
        days = self.cleaned_data.get("lifetime")
        with tenant_scope(self.instance.tenant_id) as tenant:
            self.issued = services.issue_api_key(
                tenant=tenant,
                name=self.cleaned_data["name"],
                scopes=self.cleaned_data["scopes"],
                actor=self.actor,
                expires_at=timezone.now() + timedelta(days=int(days)) if days else None,
                rate_limit_points=self.cleaned_data.get("rate_limit_points"),
            )
        return self.issued.key


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin[ApiKey]):
    """Keys are issued, rotated and revoked; nothing about one is edited."""

    reading: ClassVar[Scope | None] = Scope.KEYS_WRITE
    writing: ClassVar[Scope | None] = Scope.KEYS_WRITE
    form = ApiKeyForm
    can_edit = False
    list_display = ("name", "tenant", "visible_part", "state", "last_used", "expires", "issued")
    list_filter = (TENANT,)
    list_select_related = ("tenant",)
    search_fields = ("name", "prefix", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("-id",)
    actions_detail = ("rotate", "revoke")
    empty_icon = "key"
    empty_title = "No API keys yet"
    empty_text = "A tenant's own servers need one to use the admin API."

    @column("Key")
    def visible_part(self, key: ApiKey) -> str:
        """What may be shown of it."""
        return key.shown

    @column(
        "Status",
        labels={"Works": "success", "Being replaced": "warning", "Expired": "", "Revoked": ""},
    )
    def state(self, key: ApiKey) -> str:
        """Whether calls with it are let in."""
        if key.revoked_at is not None:
            return "Revoked"
        if not key.is_valid_at(timezone.now()):
            return "Expired"
        return "Works" if key.replaced_by_id is None else "Being replaced"

    @column("Last used", ordering="last_used_at")
    def last_used(self, key: ApiKey) -> str:
        """To the minute."""
        return "Never" if key.last_used_at is None else moment(key.last_used_at)

    @column("Ends", ordering="expires_at")
    def expires(self, key: ApiKey) -> str:
        """When it stops, or stopped, working."""
        ends_at = key.revoked_at or key.expires_at
        return "Never" if ends_at is None else moment(ends_at)

    @column("Issued", ordering="id")
    def issued(self, key: ApiKey) -> str:
        """When it was made."""
        return moment(key.created_at)

    @column("May")
    def permissions(self, key: ApiKey) -> str:
        """The scopes with their meanings."""
        known = {scope.value: MEANINGS[scope] for scope in Scope}
        return format_html_join(
            "",
            "<div><code>{}</code> {}</div>",
            [(name, known.get(name, "")) for name in key.scopes],
        )

    @column("Calls at most")
    def own_limit(self, key: ApiKey) -> str:
        """Its own limit, where it has one."""
        if key.rate_limit_points is None:
            return "As the tenant's other keys"
        return str(key.rate_limit_points or "No limit")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """Never the hash."""
        if obj is None:
            return ("tenant", "name", "scopes", "lifetime", "rate_limit_points")
        facts = ("state", "visible_part", "permissions", "own_limit")
        return ("tenant", "name", *facts, "last_used", "expires", "issued", "replaced_by")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """A key is what it was made to be."""
        return () if obj is None else self.get_fields(request, obj)

    def fitting_actions(self, row: ApiKey) -> set[str]:
        """What has ended stays ended."""
        if not row.is_valid_at(timezone.now()):
            return set()
        return {"revoke"} if row.replaced_by_id is not None else {"rotate", "revoke"}

    # --- showing a secret, once --------------------------------------------------------------

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: forms.ModelForm[ApiKey], change: bool
    ) -> None:
        """The form has issued it; the answer to this very request may show it."""
        if isinstance(form, ApiKeyForm):
            request.__dict__[_ISSUED] = form.issued

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the secret, instead of a way to somewhere else."""
        return self._show_once(request, request.__dict__[_ISSUED], replaced=None)

    def _show_once(
        self, request: HttpRequest, issued: IssuedKey, *, replaced: ApiKey | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Copy the key now",
            "issued": issued,
            "replaced": replaced,
            "replaced_works": replaced is not None and replaced.is_valid_at(timezone.now()),
            "list_address": self.list_address(),
            "page_address": self.page_address(issued.key),
        }
        return TemplateResponse(request, "console/api_key_once.html", context)

    # --- actions -----------------------------------------------------------------------------

    @page_action("Rotate", path="rotate", icon="autorenew")
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the server another key, with time to change over."""
        key = self.get_object(request, object_id)
        if key is None or not self.has_view_permission(request, key):
            return HttpResponseRedirect(self.list_address())
        if not self.may_act(request):
            raise PermissionDenied
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": key,
                "title": "Rotate this key?",
                "overlaps": _OVERLAPS,
                "back": self.page_address(key),
            }
            return TemplateResponse(request, "console/api_key_rotate.html", context)
        try:
            with tenant_scope(key.tenant_id) as tenant:
                issued = services.rotate_api_key(
                    tenant=tenant,
                    key_id=key.pk,
                    overlap_seconds=_chosen(request.POST.get("overlap")),
                    actor=staff_actor(request),
                )
        except DomainError as refusal:
            messages.error(request, refusal.public_message)
            return HttpResponseRedirect(self.page_address(key))
        key.refresh_from_db()
        return self._show_once(request, issued, replaced=key)

    @page_action("Revoke", path="revoke", icon="key_off", is_dangerous=True)
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the key."""

        def perform(tenant: Tenant, row: ApiKey, actor: Actor) -> bool:
            return services.revoke_api_key(tenant=tenant, key_id=row.pk, actor=actor)

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Revoke this key?",
                meaning="Calls with it are refused from now on, everywhere. This cannot be undone; "
                "a server that still needs access gets a new key.",
                button="Revoke",
                is_dangerous=True,
            ),
            done="The key is revoked.",
        )


def _chosen(overlap: str | None) -> int:
    return int(overlap) if overlap in _OVERLAPS else 86_400
