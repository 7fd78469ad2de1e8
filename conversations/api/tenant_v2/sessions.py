"""/v2/admin/conversations/{id}/sessions"""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.tenant_v2.answers import SessionJson
from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.sessions import selectors, services
from kernel.rest.answers import page_of
from kernel.rest.paging import PageRequest, object_answer


class SessionList(ConversationView):
    """The browsers of a conversation's customer."""

    @extend_schema(
        operation_id="listSessions",
        tags=TAGS,
        summary="List a conversation's sessions",
        description="Newest first; those that have ended within the last 30 days are among them.",
        parameters=PageRequest.parameters(),
        responses=page_of(SessionJson),
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """A page of them."""
        page = PageRequest.of(request, "sessions")
        conversation = self.find(conversation_id)
        found = page.take(selectors.list_sessions(conversation=conversation))
        return object_answer(map(SessionJson.of, found.rows), found.next_cursor)


class OneSession(ConversationView):
    """One of them."""

    @extend_schema(
        operation_id="endSession",
        tags=TAGS,
        summary="End a session",
        description="Its tokens are refused from now on and its sockets are closed: that browser "
        "does not find the conversation again. The conversation itself stays as it is. Once more "
        "is fine.",
        responses={204: None},
    )
    def delete(self, request: Request, conversation_id: UUID, session_id: UUID) -> Response:
        """From now on."""
        services.revoke_session(
            tenant=self.tenant,
            conversation=self.find(conversation_id),
            session_id=session_id,
            actor=self.actor,
        )
        return Response(None, 204)
