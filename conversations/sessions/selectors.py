"""Reading sessions."""

from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from conversations.errors import SessionEnded, SessionNotFound
from conversations.models import Conversation
from conversations.sessions.models import EndReason, Session
from kernel.clock import now_ms
from tenants import scope_state
from tenants.models import Tenant
from tenants.scope import platform_scope

# On the way of every call with a session's token, so written out: see conversations/sql.py.
_END = "SELECT end_reason FROM conversations_session WHERE tenant_id = %s AND id = %s"


# A session never changes its tenant, and whether there still is one is looked up in its scope.
@lru_cache(maxsize=10_000)
def get_tenant_of_session(session_id: UUID) -> UUID:
    """Whose session this is, or was; raises SessionNotFound. Call it outside of any scope."""
    with platform_scope("session look-up"):
        rows = Session.objects.filter(pk=session_id)
        tenant_id = rows.values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        raise SessionNotFound(session_id=session_id)
    return tenant_id


def get_session(*, tenant: Tenant, session_id: UUID) -> Session:
    """One of the tenant's sessions, which may have ended; raises SessionNotFound."""
    found = Session.objects.filter(tenant=tenant, pk=session_id).first()
    if found is None:
        raise SessionNotFound(session_id=session_id)
    return found


def get_session_of(*, conversation: Conversation, session_id: UUID) -> Session:
    """One of a conversation's sessions; raises SessionNotFound."""
    found = list_sessions(conversation=conversation).filter(pk=session_id).first()
    if found is None:
        raise SessionNotFound(session_id=session_id)
    return found


def require_usable(session: Session) -> None:
    """Raises SessionEnded for a session that has ended or expired."""
    reason = session.end_reason_at(now_ms())
    if reason is not None:
        raise SessionEnded.of(reason)


def require_not_ended(*, tenant: Tenant, session_id: UUID) -> None:
    """Raises SessionEnded when a token's session has been ended since the token was issued.

    One that has merely expired does not count: its token ends a few minutes later.
    """
    scope_state.require(Session.__name__)
    with connection.cursor() as cursor:
        cursor.execute(_END, [tenant.pk, session_id])
        row = cursor.fetchone()
    if row is None:
        raise SessionEnded.of(EndReason.ERASED)
    if row[0]:
        raise SessionEnded.of(EndReason(row[0]))


def list_sessions(*, conversation: Conversation) -> QuerySet[Session]:
    """A conversation's sessions, those that have ended lately among them; the newest first."""
    rows = Session.objects.filter(tenant=conversation.tenant_id, conversation=conversation)
    return rows.order_by("-created_at", "-pk")
