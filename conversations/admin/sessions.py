"""A conversation's sessions in the console: which browsers can come back to it, and their end."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from conversations.models import Conversation
from conversations.sessions import selectors, services
from conversations.sessions.models import EndReason
from kernel.clock import now_ms
from tenants.audit import Actor
from tenants.console import Question, StaffAdmin, moment, page_action
from tenants.models import Tenant

END = Question(
    title="End this session?",
    meaning="That browser does not find the conversation again, and what it has open is closed. "
    "The conversation itself stays as it is.",
    button="End session",
    is_dangerous=True,
)
# More than can be in use at the same time; those that ended lately follow as far as there is room.
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as the page shows it."""

    id: UUID
    device: str
    origin: str
    started: str
    last_seen: str
    ended: str
    """Why; empty while it can be used."""


def session_lines(conversation: Conversation) -> list[SessionLine]:
    """The newest sessions of a conversation, in words."""
    now = now_ms()
    lines = []
    for session in selectors.list_sessions(conversation=conversation)[:_SHOWN]:
        reason = session.end_reason_at(now)
        lines.append(
            SessionLine(
                id=session.pk,
                device=session.device or "Unknown browser",
                origin=session.origin,
                started=moment(session.created_at),
                last_seen=moment(session.last_used_at),
                ended="" if reason is None else str(EndReason(reason).label),
            )
        )
    return lines


class SessionActions(StaffAdmin[Conversation]):
    """Ending one session; its button stands beside the session."""

    @page_action("End session", path="end-session", icon="logout", is_dangerous=True)
    def end_session(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The one that the address names as `session`."""
        named = request.GET.get("session", "")

        def end(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
            try:
                session_id = UUID(named)
            except ValueError:
                return False
            return services.revoke_session(
                tenant=tenant, conversation=row, session_id=session_id, actor=actor
            )

        return self.act(
            request,
            object_id,
            end,
            question=END,
            done="The session has ended.",
            not_done="Nothing has changed: the session had ended already.",
        )
