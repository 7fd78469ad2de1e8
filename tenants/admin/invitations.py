"""Inviting people. A link is on one page, once."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from tenants import plan_limits
from tenants.admin.members import managed_by_person
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
from tenants.console.filters import TENANT
from tenants.invitations import services
from tenants.invitations.links import link_of
from tenants.invitations.models import Invitation
from tenants.invitations.selectors import list_open_invitations
from tenants.models import Member, Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope

_LINK = "invitation_link"


class InvitationForm(ServiceForm):
    """Whom to invite."""

    refused_field = "email"
    link = ""

    class Meta:
        model = Invitation
        fields = ("tenant", "email", "role")
        labels: ClassVar[dict[str, str]] = {"email": "E-mail address"}
        help_texts: ClassVar[dict[str, str]] = {
            "email": "They will sign in with it. Nothing is sent there: you get a link to pass on. "
            "A link that this person was given before stops working.",
        }

    def carry_out(self) -> Invitation:
        """Invite them; the link stays on this form."""
        with tenant_scope(self.instance.tenant_id) as tenant:
            issued = services.invite_member(
                tenant=tenant,
                email=self.cleaned_data["email"],
                role=Member.Role(self.cleaned_data["role"]),
                actor=self.actor,
            )
            self.link = link_of(tenant=tenant, issued=issued)
        return issued.invitation


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin[Invitation]):
    """Who has been invited; nothing about an invitation is edited."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    # And whose role it is: the service asks.
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE
    form = InvitationForm
    can_edit = False
    list_display = ("email", "tenant", "shown_role", "state", "ends", "invited")
    list_filter = ("role", TENANT)
    list_select_related = ("tenant",)
    search_fields = ("email", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("-created_at", "-id")
    actions_detail = ("revoke",)
    empty_icon = "person_add"
    empty_title = "Nobody has been invited yet"
    empty_text = "Invite a person, and pass the link on to them."

    @column("Role", ordering="role", labels={"Owner": "info", "Admin": "info"})
    def shown_role(self, invitation: Invitation) -> str:
        """What they may do."""
        return invitation.get_role_display()

    @column("Status", labels={"Open": "success", "Accepted": "", "Revoked": "", "Expired": ""})
    def state(self, invitation: Invitation) -> str:
        """What has become of it."""
        if invitation.accepted_at is not None:
            return "Accepted"
        if invitation.revoked_at is not None:
            return "Revoked"
        return "Open" if invitation.is_valid_at(timezone.now()) else "Expired"

    @column("Ends", ordering="expires_at")
    def ends(self, invitation: Invitation) -> str:
        """When the link stops, or stopped, working."""
        return moment(invitation.accepted_at or invitation.revoked_at or invitation.expires_at)

    @column("Invited", ordering="created_at")
    def invited(self, invitation: Invitation) -> str:
        """When."""
        return moment(invitation.created_at)

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """Never the hash."""
        if obj is None:
            return ("tenant", "email", "role")
        return ("tenant", "email", "shown_role", "state", "ends", "invited")

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        """An invitation is what it was made to be."""
        return () if obj is None else self.get_fields(request, obj)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the roles that the person may give."""
        if db_field.name == "role":
            managed = managed_by_person(request)
            kwargs["choices"] = [(r.value, r.label) for r in Member.Role if r in managed]
            kwargs["initial"] = Member.Role.AGENT
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def fitting_actions(self, row: Invitation) -> set[str]:
        """What has ended stays ended."""
        return {"revoke"} if row.is_valid_at(timezone.now()) else set()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who opens a link while the plan is full is only asked to wait: the inviter reads why."""
        tenant_id = only_tenant_id()
        if tenant_id is not None and self.has_view_permission(request):
            tenant = Tenant.objects.get(pk=tenant_id)
            most = plan_limits.read(tenant).counts.get(Limit.MEMBERS)
            has_open = list_open_invitations(tenant=tenant).exists()
            if has_open and most is not None and Member.objects.count() >= most:
                messages.warning(
                    request,
                    f"Your plan's limit of members is {most}, and that many are there. Open "
                    "invitations let nobody in until you remove a member or get a larger plan.",
                )
        return super().changelist_view(request, extra_context)

    # --- showing a link, once ----------------------------------------------------------------

    def save_model(
        self, request: HttpRequest, obj: Invitation, form: forms.ModelForm[Invitation], change: bool
    ) -> None:
        """The form has made it; the answer to this very request may show the link."""
        if isinstance(form, InvitationForm):
            request.__dict__[_LINK] = form.link

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the link, instead of a way to somewhere else."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Pass this link on",
            "invitation": obj,
            "link": request.__dict__[_LINK],
            "list_address": self.list_address(),
        }
        return TemplateResponse(request, "console/invitation_once.html", context)

    @page_action("Revoke", path="revoke", icon="link_off", is_dangerous=True)
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the invitation."""

        def perform(tenant: Tenant, row: Invitation, actor: Actor) -> bool:
            return services.revoke_invitation(tenant=tenant, invitation_id=row.pk, actor=actor)

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Revoke this invitation?",
                meaning="Its link stops working at once. This cannot be undone; you can invite "
                "them again, with another link.",
                button="Revoke",
                is_dangerous=True,
            ),
            done="The invitation is revoked.",
        )
