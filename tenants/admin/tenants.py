"""The tenants: all of them for platform staff, their own for members."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextareaWidget

from tenants import services
from tenants.admin.settings import as_text, described_settings
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import (
    Question,
    ServiceForm,
    StaffAdmin,
    column,
    moment,
    only_tenant_id,
    page_action,
)
from tenants.console.snippet import pinned_snippet_of, snippet_of
from tenants.errors import InvalidSetting
from tenants.models import Setting, Tenant
from tenants.scope import tenant_scope
from tenants.settings.keys import ALLOWED_ORIGINS


def websites_of(tenant: Tenant) -> list[str]:
    """The websites that may show the tenant's chat, also of a tenant that no scope has yielded."""
    own = Setting.objects.filter(tenant=tenant, key=ALLOWED_ORIGINS.key).first()
    websites: list[str] = ALLOWED_ORIGINS.default_value() if own is None else own.value
    return websites


class TenantForm(ServiceForm):
    """A new tenant, or another name and other websites for one."""

    refused_field = "name"
    already_there = "Another tenant has this slug already."

    websites = forms.CharField(
        label="Allowed websites",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One address per line, such as https://shop.example, without a path. Browsers "
        "show the chat on these only; * allows every website.",
    )

    class Meta:
        model = Tenant
        fields = ("name", "slug")
        help_texts: ClassVar[dict[str, str]] = {
            "name": "What people call this workspace.",
            "slug": "Part of the widget's address; it cannot be changed later. "
            "Lower-case letters, digits and hyphens.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["websites"] = as_text(websites_of(self.instance))

    def clean_slug(self) -> str:
        """Only what also works as the first part of a host name."""
        slug: str = self.cleaned_data["slug"]
        if not services.is_slug(slug):
            raise forms.ValidationError(
                "Use lower-case letters, digits and hyphens, such as blue-bakery."
            )
        return slug

    def clean_websites(self) -> list[str]:
        """Origins, separated by blanks, commas or lines."""
        given = self.cleaned_data["websites"].replace(",", " ").split()
        try:
            return ALLOWED_ORIGINS.validate(given)
        except InvalidSetting as refusal:
            raise forms.ValidationError(refusal.public_message) from None

    def carry_out(self) -> Tenant:
        """Create, or change what differs."""
        name = self.cleaned_data["name"]
        if self.instance._state.adding:
            slug = self.cleaned_data["slug"]
            return services.create_tenant(slug=slug, name=name, actor=self.actor)
        with tenant_scope(self.instance.pk) as tenant:
            if "name" in self.changed_data:
                services.rename_tenant(tenant=tenant, name=name, actor=self.actor)
            websites = self.cleaned_data["websites"]
            if websites != websites_of(tenant):
                services.set_setting(
                    tenant=tenant, key=ALLOWED_ORIGINS.key, value=websites, actor=self.actor
                )
        return Tenant.objects.get(pk=self.instance.pk)


@admin.register(Tenant)
class TenantAdmin(StaffAdmin[Tenant]):
    """Members get the page of their own tenant; making and suspending tenants is the staff's."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE
    form = TenantForm
    list_display = ("name", "slug", "state", "since")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    actions_detail = ("suspend", "resume", "rotate_widget_key")
    change_form_outer_before_template = "console/tenant_before.html"
    change_form_outer_after_template = "console/tenant_after.html"
    empty_icon = "domain"
    empty_title = "No tenants yet"
    empty_text = "Add the first workspace; its widget and Telegram group come next."

    @column("Status", ordering="status", labels={"Active": "success", "Suspended": "danger"})
    def state(self, tenant: Tenant) -> str:
        """Active or suspended."""
        return tenant.get_status_display()

    @column("Created", ordering="created_at")
    def since(self, tenant: Tenant) -> str:
        """When it was created."""
        return moment(tenant.created_at)

    @column("Widget key")
    def public_key(self, tenant: Tenant) -> str:
        """What pages may name it by."""
        return format_html('<code class="c-id">{}</code>', tenant.widget_key)

    @column("Allowed websites")
    def websites(self, tenant: Tenant) -> str:
        """For those who may only read them."""
        return as_text(websites_of(tenant)) or "none"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """A member's own tenant: the table itself has no owner that could be compared with."""
        tenants = super().get_queryset(request)
        tenant_id = only_tenant_id()
        return tenants if tenant_id is None else tenants.filter(pk=tenant_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Platform staff make tenants."""
        return only_tenant_id() is None and super().has_add_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A list of one would be in a member's way."""
        own = self.get_queryset(request).first() if only_tenant_id() is not None else None
        if own is not None and self.has_view_permission(request):
            return HttpResponseRedirect(self.page_address(own))
        return super().changelist_view(request, extra_context)

    def get_fields(self, request: HttpRequest, obj: Tenant | None = None) -> Any:
        """The rest is known once the tenant is there."""
        if obj is None:
            return ("name", "slug")
        return ("name", "websites", "slug", "public_key", "state", "since")

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> Any:
        """Addresses outlive names: the slug stays."""
        return () if obj is None else ("slug", "public_key", "state", "since")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Above the form the line for the website, below it every setting with its value."""
        tenant = self.get_object(request, object_id)
        extra: dict[str, Any] = {"settings": []}
        if tenant is not None and self.has_view_permission(request, tenant):
            extra = {
                "snippet": snippet_of(tenant),
                "pinned_snippet": pinned_snippet_of(tenant),
                "settings": described_settings(tenant),
                "is_staff_page": only_tenant_id() is None,
                "may_change_settings": request.user.has_perm("tenants.change_setting"),
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def fitting_actions(self, row: Tenant) -> set[str]:
        """What changes something, and is the person's to do."""
        if only_tenant_id() is not None:
            return {"widget-key"}
        return {"suspend" if row.is_active else "resume", "widget-key"}

    @page_action("Suspend", path="suspend", icon="pause_circle", is_dangerous=True)
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the chat off for the tenant's customers."""
        _require_staff()
        return self.act(
            request,
            object_id,
            lambda tenant, _row, actor: _set_status(tenant, Tenant.Status.SUSPENDED, actor),
            question=Question(
                title="Suspend this tenant?",
                meaning="Its customers cannot start chats or write from now on, and open chats are "
                "cut off. Nothing is deleted, and resuming brings everything back.",
                button="Suspend",
                is_dangerous=True,
            ),
            done="The tenant is suspended.",
        )

    @page_action("Resume", path="resume", icon="play_circle")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the chat on again."""
        _require_staff()
        return self.act(
            request,
            object_id,
            lambda tenant, _row, actor: _set_status(tenant, Tenant.Status.ACTIVE, actor),
            question=Question(
                title="Resume this tenant?",
                meaning="Its customers can chat again at once.",
                button="Resume",
            ),
            done="The tenant is active again.",
        )

    @page_action("New widget key", path="widget-key", icon="autorenew")
    def rotate_widget_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace the public key."""

        def perform(tenant: Tenant, _row: Tenant, actor: Actor) -> bool:
            services.rotate_widget_key(tenant=tenant, actor=actor)
            return True

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Give this tenant a new widget key?",
                meaning="Pages that carry the old key cannot start chats any more until they get "
                "the new one; pages that name the tenant by its slug are not affected. The old key "
                "cannot be brought back.",
                button="Make a new key",
                is_dangerous=True,
            ),
            done="The tenant has a new widget key.",
        )


def _require_staff() -> None:
    """Raises PermissionDenied on a member's page."""
    if only_tenant_id() is not None:
        raise PermissionDenied


def _set_status(tenant: Tenant, status: Tenant.Status, actor: Actor) -> bool:
    if tenant.status == status:
        return False
    services.set_tenant_status(tenant=tenant, status=status, actor=actor)
    return True
