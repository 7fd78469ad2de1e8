"""What can happen to a session: it begins, proves its key, and ends.

As the conversations' services, they run in the caller's tenant scope.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Least, Now

from conversations import selectors as conversations
from conversations.errors import ChallengeInvalid, ConversationBlocked, SignatureInvalid
from conversations.events import SessionsEnded
from conversations.identity.models import Person
from conversations.models import Conversation, Status
from conversations.services.audit_entries import note_change
from conversations.services.erasure import erase_customer
from conversations.sessions import challenges, keys, selectors
from conversations.sessions.challenges import Challenge
from conversations.sessions.models import EndReason, Session
from conversations.setting_keys import FORGETTING_ERASES, SESSION_DAYS
from kernel import events
from kernel.clock import now_ms
from kernel.ids import first_id_at
from tenants import pruning
from tenants.audit import CUSTOMER, Actor
from tenants.models import Tenant

# Of one conversation at once; one more ends the one that was not used for the longest time.
MAX_SESSIONS = 20
# How long a browser that comes back is told that its session has ended, and agents see it.
KEEP_ENDED = timedelta(days=30)

# One statement: of two that answer the same challenge at once, the row's lock decides.
_USE = """
    UPDATE conversations_session SET
        last_used_at = %s, expires_at = %s,
        used_challenges = ARRAY(
            SELECT used FROM unnest(used_challenges) AS used WHERE used >= %s) || %s::uuid
    WHERE tenant_id = %s AND id = %s AND ended_at IS NULL
      AND %s::uuid <> ALL(used_challenges)
"""


def start_session(
    *,
    tenant: Tenant,
    conversation: Conversation,
    public_key: bytes,
    origin: str,
    device: str,
    person: Person | None = None,
) -> Session:
    """A session of a conversation that the running transaction has made or locked.

    `person` is whom the tenant's server has named for it.
    """
    now = now_ms()
    return Session.objects.create(
        tenant=tenant,
        conversation=conversation,
        person=person,
        public_key=public_key,
        origin=origin,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=_expiry(tenant, now),
    )


def continue_conversation(
    *, tenant: Tenant, conversation_id: UUID, by_session: UUID | None
) -> Conversation:
    """The conversation, locked and with room for one more session.

    `by_session` is the session by whose token it is continued. Raises ConversationNotFound,
    ConversationBlocked, and SessionEnded where that one has ended meanwhile.
    """
    conversation = conversations.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if by_session is not None:
        selectors.require_not_ended(tenant=tenant, session_id=by_session)
    if conversation.status == Status.BLOCKED:
        raise ConversationBlocked(conversation_id=conversation_id)
    alive = _alive(tenant, conversation_id)
    newest_first = alive.order_by("-last_used_at").values_list("pk", flat=True)
    surplus = list(newest_first[MAX_SESSIONS - 1 :])
    if surplus:
        _end(alive.filter(pk__in=surplus), conversation_id, EndReason.REPLACED)
    return conversation


def prove_key(
    *, tenant: Tenant, session: Session, challenge: Challenge, text: str, signature: str
) -> None:
    """Use up a challenge that the session's key has signed; the session lives on from now.

    `text` is the challenge as it was signed. Raises SignatureInvalid, and ChallengeInvalid for one
    that was used before.
    """
    if challenge.origin != session.origin:
        raise ChallengeInvalid()
    message = text.encode(errors="replace")
    if not keys.is_signed(
        public_key=bytes(session.public_key), signature=signature, message=message
    ):
        raise SignatureInvalid()
    now = now_ms()
    oldest = first_id_at(now - challenges.KEEP_USED_CHALLENGES)
    with connection.cursor() as cursor:
        cursor.execute(
            _USE,
            [now, _expiry(tenant, now), oldest, challenge.id, tenant.pk, session.pk, challenge.id],
        )
        if cursor.rowcount == 0:
            raise ChallengeInvalid()


def end_session(
    *, tenant: Tenant, conversation_id: UUID, session_id: UUID, reason: EndReason
) -> bool:
    """End a session and its sockets; False when it has ended already."""
    rows = _alive(tenant, conversation_id).filter(pk=session_id)
    return _end(rows, conversation_id, reason)


def revoke_session(
    *, tenant: Tenant, conversation: Conversation, session_id: UUID, actor: Actor
) -> bool:
    """End a session at an agent's wish; False when it has ended or expired already.

    Raises SessionNotFound for one that is not of this conversation, and ConversationNotFound.
    """
    # Whoever begins a session by the token of this one holds the lock, or finds it ended.
    conversations.lock_conversation(tenant=tenant, conversation_id=conversation.pk)
    session = selectors.get_session_of(conversation=conversation, session_id=session_id)
    if session.end_reason_at(now_ms()) is not None or not end_session(
        tenant=tenant,
        conversation_id=conversation.pk,
        session_id=session_id,
        reason=EndReason.REVOKED,
    ):
        return False
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=actor,
        action="session_ended",
        changes={"device": session.device},
    )
    return True


def forget_browser(*, tenant: Tenant, conversation_id: UUID, session_id: UUID) -> None:
    """End a session at its customer's wish; where the tenant says so, erase the conversation.

    A legal hold keeps the conversation, and the customer is not told.
    """
    conversation = conversations.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    end_session(
        tenant=tenant,
        conversation_id=conversation_id,
        session_id=session_id,
        reason=EndReason.FORGOTTEN,
    )
    if tenant.setting(FORGETTING_ERASES) and not conversation.is_on_legal_hold:
        erase_customer(tenant=tenant, conversation_id=conversation_id, actor=CUSTOMER)


def end_sessions_of(*, tenant: Tenant, conversation: Conversation, reason: EndReason) -> None:
    """End every session of a conversation that the running transaction has locked."""
    _end(_alive(tenant, conversation.pk), conversation.pk, reason)


def forget_sessions_of(*, tenant: Tenant, conversations: Collection[Conversation]) -> None:
    """Keep nothing of the sessions of conversations that go, but that they have ended.

    A browser that comes back is told so; its id alone says nothing about anybody.
    """
    rows = Session.objects.filter(tenant=tenant, conversation__in=conversations)
    rows.update(
        public_key=b"",
        origin="",
        device="",
        used_challenges=[],
        ended_at=Now(),
        expires_at=Least("expires_at", Now()),
        end_reason=EndReason.ERASED,
        conversation=None,
    )


def delete_old_sessions() -> int:
    """Delete sessions that have ended or expired for long; returns how many."""
    return pruning.delete_old(lambda: Session.objects.filter(expires_at__lt=Now() - KEEP_ENDED))


def _alive(tenant: Tenant, conversation_id: UUID) -> QuerySet[Session]:
    return Session.objects.filter(
        tenant=tenant, conversation=conversation_id, ended_at__isnull=True
    )


def _end(rows: QuerySet[Session], conversation_id: UUID, reason: EndReason) -> bool:
    """End those that have not ended; whether there were any."""
    # Locked in one order, so that two who end the same ones do not wait for each other.
    ids = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    if not ids:
        return False
    rows.filter(pk__in=ids).update(
        ended_at=Now(), end_reason=reason, expires_at=Least("expires_at", Now())
    )
    events.publish(SessionsEnded(conversation_id, tuple(ids), reason))
    return True


def _expiry(tenant: Tenant, now: datetime) -> datetime:
    return now + timedelta(days=tenant.setting(SESSION_DAYS))
