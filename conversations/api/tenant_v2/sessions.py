"""/v2/admin/conversations/{id}/sessions"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.sessions import selectors, services
from conversations.sessions.models import EndReason, Session
from kernel.clock import iso_ms, iso_ms_or_none, now_ms
from kernel.rest.answers import Answer, Moment, page_of
from kernel.rest.paging import PageRequest, object_answer


class SessionState(StrEnum):
    """Whether it can be used."""

    ACTIVE = "active"
    EXPIRED = "expired"
    ENDED = "ended"


class SessionJson(Answer, frozen=True, kw_only=True):
    """A browser that can come back to a conversation, or could."""

    id: UUID
    device: Annotated[
        str, Meta(description="In words, such as `Firefox on Linux`; empty where not known.")
    ]
    origin: Annotated[str | None, Meta(description="Of the page that began it.")]
    state: SessionState
    created_at: Moment
    last_seen_at: Annotated[Moment, Meta(description="To a few minutes.")]
    expires_at: Moment
    ended_at: Moment | None
    end_reason: EndReason | None

    @classmethod
    def of(cls, session: Session) -> "SessionJson":
        """As it stands now."""
        reason = session.end_reason_at(now_ms())
        state = SessionState.ACTIVE
        if reason is not None:
            state = SessionState.EXPIRED if reason == EndReason.EXPIRED else SessionState.ENDED
        return cls(
            id=session.pk,
            device=session.device,
            origin=session.origin or None,
            state=state,
            created_at=iso_ms(session.created_at),
            last_seen_at=iso_ms(session.last_used_at),
            expires_at=iso_ms(session.expires_at),
            ended_at=iso_ms_or_none(session.ended_at),
            end_reason=reason,
        )


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
