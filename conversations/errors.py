"""What can be refused about conversations."""

from __future__ import annotations

from conversations.models import Conversation
from kernel.clock import iso_ms_or_none
from kernel.errors import (
    BadRequest,
    DomainError,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
)


class ConversationNotFound(NotFound):
    """Unknown, or another tenant's."""

    code = "conversation_not_found"
    message = "There is no such conversation."


class MessageNotFound(NotFound):
    """No message of an agent: unknown, deleted, the customer's, or the product's own."""

    code = "message_not_found"
    message = "There is no such message of an agent, or it has been deleted."


class ConversationBlocked(Forbidden):
    """The customer of this conversation may not write any more."""

    code = "conversation_blocked"
    message = "This conversation has been blocked, so messages cannot be sent."


class ConversationNotClaimed(DomainError):
    """An agent wrote where nobody has claimed; the customer must not see it."""

    code = "conversation_not_claimed"
    http_status = 409
    message = "Claim the conversation first."


class NotTheClaimer(DomainError):
    """An agent wrote in a colleague's conversation, and the tenant lets only that one answer."""

    code = "not_the_claimer"
    http_status = 409
    message = "Somebody else has this conversation, and only their answers reach the customer."


class ConversationNotClaimable(DomainError):
    """Closed or blocked: there is nothing to take on."""

    code = "conversation_not_claimable"
    http_status = 409
    message = "This conversation cannot be claimed at the moment."


class AlreadyClaimed(DomainError):
    """Another agent was first."""

    code = "conversation_already_claimed"
    http_status = 409
    message = "Somebody else has this conversation."


class LegalHold(DomainError):
    """The conversation must not be deleted by anybody."""

    code = "legal_hold"
    http_status = 409
    message = "A legal hold is on this conversation, so it cannot be deleted."

    @classmethod
    def of(cls, conversation: Conversation) -> LegalHold:
        """The refusal for this conversation, which names the hold."""
        since = iso_ms_or_none(conversation.legal_hold_since)
        reason = conversation.legal_hold_reason
        return cls(
            f"A legal hold is on this conversation since {since} (reason: {reason}), so it cannot "
            "be deleted. Lift the hold first.",
            details={"since": since, "reason": reason},
            conversation_id=conversation.pk,
        )


class InvalidReason(BadRequest):
    """A legal hold without a reason that a person can read."""

    code = "invalid_reason"
    message = "Give a reason of 1 to 200 characters."


class InvalidText(BadRequest):
    """A message that is blank or holds what cannot be stored."""

    code = "invalid_text"
    message = "Write a message of 1 to 4000 characters."


class TextTooLong(InvalidText):
    """A message over the limit."""

    code = "text_too_long"
    message = "The message is too long. Use up to 4000 characters."


class InvalidName(BadRequest):
    """A customer's name that is not one."""

    code = "invalid_name"
    message = "Use a name of 2 to 32 visible characters without links."


class InvalidCodename(BadRequest):
    """A codename that is too short or too long."""

    code = "invalid_codename"
    message = "Use a codename of 2 to 48 visible characters in one line."


class InvalidNote(BadRequest):
    """A note that is too long or cannot be stored."""

    code = "invalid_note"
    message = "Use a note of up to 2000 characters."


class AgentNotFound(NotFound):
    """Nobody with this identity has acted or been registered."""

    code = "agent_not_found"
    message = "There is no such agent."


class NoLongerSupported(DomainError):
    """A call of an earlier version whose meaning has moved elsewhere."""

    code = "gone"
    http_status = 410
    message = "This call is not supported any more."


class InvalidToken(Unauthorized):
    """A conversation token that is missing, forged, expired, used up or for something else."""

    code = "invalid_token"
    message = "The token is missing, expired or not valid for this conversation."


class OriginNotAllowed(Forbidden):
    """A page of this origin may not begin sessions or open sockets for the tenant."""

    code = "origin_not_allowed"
    message = "This website is not on the list of allowed origins."


class OriginMismatch(Forbidden):
    """A page of another origin uses what belongs to a session."""

    code = "origin_mismatch"
    message = "This session belongs to another website."


class SessionNotFound(NotFound):
    """Unknown, of another tenant or conversation, or ended too long ago."""

    code = "session_not_found"
    message = "There is no such session."


class SessionEnded(DomainError):
    """The session cannot be used any more; `details.reason` says why."""

    code = "session_ended"
    http_status = 410
    message = "This session has ended."

    @classmethod
    def of(cls, reason: str) -> SessionEnded:
        """The refusal of a session that has ended for this reason."""
        return cls(details={"reason": str(reason)})


class ChallengeInvalid(Unauthorized):
    """A challenge that is forged, expired, for another session, or was answered before."""

    code = "challenge_invalid"
    message = "The challenge is expired, used or not for this session. Ask for a new one."


class SignatureInvalid(Unauthorized):
    """The challenge was not signed by the session's key."""

    code = "signature_invalid"
    message = "The signature was not made by the key of this session."


class IdentityInvalid(Unauthorized):
    """An identity token that is not one of the tenant's, or none where one is needed."""

    code = "identity_invalid"
    message = "The identity token is not valid for this workspace."


class IdentityExpired(Unauthorized):
    """An identity token whose time is over."""

    code = "identity_expired"
    message = "The identity token has expired. Ask your server for a new one."


class IdentityKeyNotFound(NotFound):
    """Unknown, or another tenant's."""

    code = "identity_key_not_found"
    message = "There is no such identity key."


class TooManyIdentityKeys(DomainError):
    """Each key may be tried for a token, so there are only a few."""

    code = "too_many_identity_keys"
    http_status = 409
    message = "There are four identity keys already. Remove one that is not used any more."


class FrameTooLarge(PayloadTooLarge):
    """A socket's frame that is larger than any message can be."""

    code = "too_large"
    message = "The frame is too large."


class UnknownType(BadRequest):
    """A typed frame of a type that nobody knows."""

    code = "unknown_type"
    message = "No such type of frame."
