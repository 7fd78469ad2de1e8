"""Challenges: what a browser signs to prove that it still holds a session's key.

A challenge is signed by us and stored nowhere. It names the tenant, the session, the origin and
what it is for, lasts a minute, and is good once: the session's row keeps those that were answered.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from conversations import tokens
from conversations.errors import ChallengeInvalid, InvalidToken
from conversations.sessions.models import Session
from kernel.ids import new_id

PURPOSE = "chatorical.session.token"
CHALLENGE_SECONDS = 60
# After a challenge's end. A web process judges that by its own clock: while the clock is slow it
# would take an expired challenge, and must not find its use forgotten.
KEEP_USED_CHALLENGES = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a challenge of ours says."""

    id: UUID
    tenant_id: UUID
    session_id: UUID
    origin: str


def issue_challenge(session: Session) -> str:
    """A new challenge for this session, good for a minute and once."""
    claims = {
        "t": str(session.tenant_id),
        "sub": str(session.pk),
        "o": session.origin,
        "aud": PURPOSE,
        # Ordered by time, so that old ones can be told from new ones among those that are kept.
        "jti": str(new_id()),
    }
    return tokens.sign(claims, seconds=CHALLENGE_SECONDS)


def read_challenge(text: str, *, session_id: UUID, tenant_id: UUID) -> Challenge:
    """A challenge of ours for this session; raises ChallengeInvalid, also for an expired one."""
    try:
        claims = tokens.read_signed(text, audience=PURPOSE)
        found = Challenge(UUID(claims["jti"]), UUID(claims["t"]), UUID(claims["sub"]), claims["o"])
    except (InvalidToken, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ChallengeInvalid() from error
    if (found.tenant_id, found.session_id) != (tenant_id, session_id):
        raise ChallengeInvalid()
    return found
