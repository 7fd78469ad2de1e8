"""/v2/admin/members/invitations"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Email, Moment, answered, page_of
from kernel.rest.fields import Text
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.invitations import selectors, services
from tenants.invitations.links import link_of
from tenants.invitations.models import Invitation
from tenants.invitations.services import NewInvitation
from tenants.models import Member, Tenant

_TAGS = ["Members"]


class InvitationJson(Answer, frozen=True, kw_only=True):
    """An invitation, without its link."""

    id: UUID
    email: Email
    role: Member.Role
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationJson":
        """The invitation as it is shown."""
        return cls(
            id=invitation.pk,
            email=invitation.email,
            role=Member.Role(invitation.role),
            created_at=iso_ms(invitation.created_at),
            expires_at=iso_ms(invitation.expires_at),
            revoked_at=iso_ms_or_none(invitation.revoked_at),
        )


class NewInvitationJson(InvitationJson, frozen=True, kw_only=True):
    """A new invitation; `link` is shown this once."""

    link: Annotated[
        str,
        Meta(
            description="A secret: the first who opens it can join.",
            extra_json_schema={"format": "uri"},
        ),
    ]

    @classmethod
    def issued(cls, tenant: Tenant, issued: NewInvitation) -> "NewInvitationJson":
        """The invitation with its link."""
        shown = msgspec.structs.asdict(InvitationJson.of(issued.invitation))
        return cls(**shown, link=link_of(tenant=tenant, issued=issued))


class Wish(serializers.Serializer[Any]):
    """Whom to invite, as what."""

    email = Text(max_length=services.MAX_EMAIL)
    role = serializers.ChoiceField(Member.Role.values)


class Invitations(ApiKeyView):
    """Who may join."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    @extend_schema(
        operation_id="listInvitations",
        tags=_TAGS,
        summary="List open invitations",
        parameters=PageRequest.parameters(),
        responses=page_of(InvitationJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first; without those that were accepted, revoked or have expired."""
        found = selectors.list_open_invitations(tenant=self.tenant)
        page = PageRequest.of(request, "invitations").take(found)
        return object_answer(map(InvitationJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="inviteMember",
        tags=_TAGS,
        summary="Invite a member",
        description="Answers with a link, once, that is good for seven days and for one person. "
        "Nothing is sent: pass the link on. Who opens it signs in, or makes an account with this "
        "address. An open invitation of the same address ends.",
        request=Wish,
        responses=answered(NewInvitationJson, 201),
    )
    def post(self, request: Request) -> Response:
        """A new invitation, with its link."""
        return Response(invited(request, tenant=self.tenant, actor=self.actor), 201)


class OneInvitation(ApiKeyView):
    """One of them."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    @extend_schema(
        operation_id="revokeInvitation",
        tags=_TAGS,
        summary="Revoke an invitation",
        description="Its link stops working at once. Whoever has joined by it stays a member.",
        responses=answered(InvitationJson),
    )
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """End it; once more is fine."""
        services.revoke_invitation(
            tenant=self.tenant, invitation_id=invitation_id, actor=self.actor
        )
        found = selectors.get_invitation(tenant=self.tenant, invitation_id=invitation_id)
        return Response(InvitationJson.of(found))


def invited(request: Request, *, tenant: Tenant, actor: Actor) -> NewInvitationJson:
    """Invite the person whom the request names; the answer, which shows the link once."""
    wanted = read(Wish, request)
    issued = services.invite_member(
        tenant=tenant, email=wanted["email"], role=Member.Role(wanted["role"]), actor=actor
    )
    return NewInvitationJson.issued(tenant, issued)
