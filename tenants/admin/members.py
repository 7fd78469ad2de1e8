"""Who may work in which tenant."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from tenants import roles, services
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import (
    Question,
    ServiceForm,
    StaffAdmin,
    column,
    list_action,
    moment,
    page_action,
)
from tenants.console.filters import TENANT
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope


class MemberForm(ServiceForm):
    """A person's role in one tenant."""

    class Meta:
        model = Member
        fields = ("tenant", "user", "role")
        help_texts: ClassVar[dict[str, str]] = {
            "user": "They sign in here once “may open the admin” is on for their account.",
        }

    def carry_out(self) -> Member:
        """Let them in, or change what they are."""
        with tenant_scope(self.instance.tenant_id) as tenant:
            return services.add_member(
                tenant=tenant,
                user=self.instance.user,
                role=Member.Role(self.cleaned_data["role"]),
                actor=self.actor,
            )


@admin.register(Member)
class MemberAdmin(StaffAdmin[Member]):
    """People with their roles."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    # And whose role it is: see `managed_by_person`.
    writing: ClassVar[Scope | None] = Scope.SETTINGS_WRITE
    form = MemberForm
    list_display = ("user", "tenant", "shown_role", "since")
    list_filter = ("role", TENANT)
    list_select_related = ("user", "tenant")
    search_fields = ("user__email", "user__full_name", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant", "user")
    ordering = ("-created_at",)
    fields: ClassVar[tuple[str, ...]] = ("tenant", "user", "role")
    actions_list = ("invite",)
    actions_detail = ("remove",)
    empty_icon = "group"
    empty_title = "Nobody has joined a tenant yet"
    empty_text = "Invite a person, and pass the link on to them."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        """With the accounts, but without the passwords' hashes."""
        return super().get_queryset(request).defer("user__password")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Choosing among all accounts is for those who may see them."""
        return super().has_add_permission(request) and _is_staff(request)

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        """Owners are changed by owners only."""
        is_managed = obj is None or obj.role in managed_by_person(request)
        return is_managed and super().has_change_permission(request, obj)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """And made by owners only."""
        if db_field.name == "role":
            managed = managed_by_person(request)
            kwargs["choices"] = [(r.value, r.label) for r in Member.Role if r in managed]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only for those whom the person manages."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.has_change_permission(request, row):
            return []
        return super().get_actions_detail(request, object_id)

    @list_action("Invite", path="invite", icon="person_add", permission="act")
    def invite(self, request: HttpRequest) -> HttpResponse:
        """To the form for it."""
        return HttpResponseRedirect(reverse("admin:tenants_invitation_add"))

    @column("Role", ordering="role", labels={"Owner": "info", "Admin": "info"})
    def shown_role(self, member: Member) -> str:
        """What they may do."""
        return member.get_role_display()

    @column("Since", ordering="created_at")
    def since(self, member: Member) -> str:
        """When they joined."""
        return moment(member.created_at)

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> Any:
        """A membership is of one person in one tenant; the role may change."""
        return () if obj is None else ("tenant", "user")

    def fitting_actions(self, row: Member) -> set[str]:
        """Anybody can be taken out."""
        return {"remove"}

    @page_action("Remove", path="remove", icon="person_remove", is_dangerous=True)
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the person out of the tenant."""

        def perform(tenant: Tenant, row: Member, actor: Actor) -> bool:
            return services.remove_member(tenant=tenant, member=row, actor=actor)

        row = self.get_object(request, unquote(object_id))
        if row is not None and not self.has_change_permission(request, row):
            raise PermissionDenied
        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Take this person out of the tenant?",
                meaning="They lose access to the tenant's admin with their next click. Their "
                "account and what they did stay; you can add them again.",
                button="Remove",
                is_dangerous=True,
            ),
            done="They are no longer a member.",
            goes_away=True,
        )


def _is_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def managed_by_person(request: HttpRequest) -> frozenset[Member.Role]:
    """Whom the person may let in, change and take out."""
    if _is_staff(request):
        return frozenset(Member.Role)
    role = request.user.workspace_role if isinstance(request.user, User) else None
    return roles.managed_by(role)
