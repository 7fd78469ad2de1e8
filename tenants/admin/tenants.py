"""The tenants."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from tenants import services
from tenants.admin.settings import described_settings
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.models import Tenant
from tenants.scope import tenant_scope


class TenantForm(ServiceForm):
    """A new tenant, or another name for one."""

    refused_field = "name"
    already_there = "Another tenant has this slug already."

    class Meta:
        model = Tenant
        fields = ("name", "slug")
        help_texts: ClassVar[dict[str, str]] = {
            "name": "What people call this workspace.",
            "slug": "Part of the widget's address; it cannot be changed later. "
            "Lower-case letters, digits and hyphens.",
        }

    def clean_slug(self) -> str:
        """Only what also works as the first part of a host name."""
        slug: str = self.cleaned_data["slug"]
        if not services.is_slug(slug):
            raise forms.ValidationError(
                "Use lower-case letters, digits and hyphens, such as blue-bakery."
            )
        return slug

    def carry_out(self) -> Tenant:
        """Create or rename."""
        name = self.cleaned_data["name"]
        if self.instance._state.adding:
            slug = self.cleaned_data["slug"]
            return services.create_tenant(slug=slug, name=name, actor=self.actor)
        with tenant_scope(self.instance.pk) as tenant:
            services.rename_tenant(tenant=tenant, name=name, actor=self.actor)
        return Tenant.objects.get(pk=self.instance.pk)


@admin.register(Tenant)
class TenantAdmin(StaffAdmin[Tenant]):
    """Suspending is the strongest thing that can be done to a tenant from here."""

    form = TenantForm
    list_display = ("name", "slug", "state", "since")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    actions_detail = ("suspend", "resume", "rotate_widget_key")
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
        """Names the tenant in its pages; no secret."""
        return format_html('<code class="c-id">{}</code>', tenant.widget_key)

    def get_fields(self, request: HttpRequest, obj: Tenant | None = None) -> Any:
        """The rest is known once the tenant is there."""
        return (
            ("name", "slug") if obj is None else ("name", *self.get_readonly_fields(request, obj))
        )

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
        """Below the form: every setting there is, with the tenant's value."""
        tenant = self.get_object(request, object_id)
        extra = {"settings": described_settings(tenant) if tenant is not None else []}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def fitting_actions(self, row: Tenant) -> set[str]:
        """What changes something."""
        return {"suspend" if row.is_active else "resume", "widget-key"}

    @page_action("Suspend", path="suspend", icon="pause_circle", is_dangerous=True)
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the chat off for the tenant's customers."""
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


def _set_status(tenant: Tenant, status: Tenant.Status, actor: Actor) -> bool:
    if tenant.status == status:
        return False
    services.set_tenant_status(tenant=tenant, status=status, actor=actor)
    return True
