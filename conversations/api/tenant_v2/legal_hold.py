"""/v2/admin/conversations/{id}/legal-hold"""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import services, validation
from conversations.api.tenant_v2.answers import ConversationDetailJson
from conversations.api.tenant_v2.base import TAGS, ConversationView, about
from kernel.rest.answers import answered
from kernel.rest.fields import Text
from tenants.api.v2.base import read
from tenants.api_keys.scopes import Scope


class NewLegalHold(serializers.Serializer[Any]):
    """Why the conversation must be kept."""

    reason = Text(help_text="1 to 200 characters, for colleagues and the audit trail.")


class LegalHoldOfConversation(ConversationView):
    """Keeping a conversation from being deleted."""

    # Who may delete must not thereby be able to end what keeps them from it.
    deleting: ClassVar[Scope | None] = Scope.ADMIN_WRITE

    @extend_schema(
        operation_id="placeLegalHold",
        tags=TAGS,
        summary="Place a legal hold",
        description="Until it is lifted, the conversation is deleted by no one: not by retention, "
        "not by a bulk deletion, which passes it over, and not by a deletion or the erasure of its "
        "customer, which are refused with 409 `legal_hold`. Another reason replaces the first.",
        request=NewLegalHold,
        responses=answered(ConversationDetailJson),
    )
    def put(self, request: Request, conversation_id: UUID) -> Response:
        """The conversation, under the hold."""
        wanted = read(NewLegalHold, request)
        with about("reason"):
            reason = validation.legal_hold_reason(wanted["reason"])
        self.lock_unchanged(conversation_id)
        services.place_legal_hold(
            tenant=self.tenant, conversation_id=conversation_id, reason=reason, actor=self.actor
        )
        return self.shown(conversation_id)

    @extend_schema(
        operation_id="liftLegalHold",
        tags=TAGS,
        summary="Lift a legal hold",
        description="The conversation can be deleted again, and retention takes it when it is due. "
        "Without a hold nothing changes. It needs the scope `admin:write`; placing one needs "
        "`conversations:write`.",
        request=None,
        responses=answered(ConversationDetailJson),
    )
    def delete(self, request: Request, conversation_id: UUID) -> Response:
        """The conversation, free."""
        self.lock_unchanged(conversation_id)
        services.lift_legal_hold(
            tenant=self.tenant, conversation_id=conversation_id, actor=self.actor
        )
        return self.shown(conversation_id)
