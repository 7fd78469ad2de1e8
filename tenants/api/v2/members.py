"""/v2/admin/members"""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Email, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from tenants import configuration, selectors, services
from tenants.api.v2.base import ApiKeyView, read
from tenants.api.v2.invitations import NewInvitationJson, Wish, invited
from tenants.api_keys.scopes import Scope
from tenants.models import Member

_TAGS = ["Members"]


class MemberJson(Answer, frozen=True, kw_only=True):
    """A person who may work in the tenant's console."""

    id: UUID
    email: Email
    full_name: str
    role: Member.Role
    created_at: Moment

    @classmethod
    def of(cls, member: Member) -> "MemberJson":
        """The member as it is shown."""
        return cls(
            id=member.pk,
            email=member.user.email,
            full_name=member.user.full_name,
            role=Member.Role(member.role),
            created_at=iso_ms(member.created_at),
        )


class NewRole(serializers.Serializer[Any]):
    """What the person shall be."""

    role = serializers.ChoiceField(Member.Role.values)


class Members(ApiKeyView):
    """The tenant's people."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    @extend_schema(
        operation_id="listMembers",
        tags=_TAGS,
        summary="List members",
        parameters=PageRequest.parameters(),
        responses=page_of(MemberJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = PageRequest.of(request, "members").take(selectors.list_members(tenant=self.tenant))
        return object_answer(map(MemberJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="addMember",
        tags=_TAGS,
        summary="Add a member",
        description="People join by invitation only: this is `inviteMember` under another address. "
        "Whether the person has an account is not told.",
        request=Wish,
        responses=answered(NewInvitationJson, 201),
    )
    def post(self, request: Request) -> Response:
        """Invite a person."""
        return Response(invited(request, tenant=self.tenant, actor=self.actor), 201)


class OneMember(ApiKeyView):
    """One person."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    @extend_schema(
        operation_id="readMember",
        tags=_TAGS,
        summary="Read a member",
        responses=answered(MemberJson),
    )
    def get(self, request: Request, member_id: UUID) -> Response:
        """Who it is."""
        member = selectors.get_member(tenant=self.tenant, member_id=member_id)
        return self.versioned(MemberJson.of(member))

    @extend_schema(
        operation_id="changeMember",
        tags=_TAGS,
        summary="Give a member another role",
        request=NewRole,
        responses=answered(MemberJson),
    )
    def patch(self, request: Request, member_id: UUID) -> Response:
        """The last owner stays one."""
        member = self._hold(member_id)
        role = Member.Role(read(NewRole, request)["role"])
        changed = services.change_role(
            tenant=self.tenant, member=member, role=role, actor=self.actor
        )
        return self.versioned(MemberJson.of(changed))

    @extend_schema(
        operation_id="removeMember",
        tags=_TAGS,
        summary="Remove a member",
        description="They are signed out with their next click; the account stays. The last owner "
        "cannot be removed.",
        responses=answered(MemberJson),
    )
    def delete(self, request: Request, member_id: UUID) -> Response:
        """Take the person out; answers with who it was."""
        member = self._hold(member_id)
        shown = MemberJson.of(member)
        services.remove_member(tenant=self.tenant, member=member, actor=self.actor)
        return Response(shown)

    def _hold(self, member_id: UUID) -> Member:
        """Check `If-Match` when nobody else can change it any more."""
        configuration.hold(self.tenant)
        member = selectors.get_member(tenant=self.tenant, member_id=member_id)
        self.require_unchanged(MemberJson.of(member))
        return member
