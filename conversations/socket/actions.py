"""What a socket of the customer may do: open, say something, catch up. No protocol here."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from conversations import selectors, services, tokens, validation
from conversations.access import (
    message_budget,
    require_allowed_origin,
    require_own_origin,
    token_scope,
)
from conversations.errors import ConversationNotFound, InvalidToken
from conversations.models import Direction, UsedSocketToken
from conversations.socket import realtime
from conversations.socket.open_sockets import OPEN_SOCKETS, Entry, counted_for
from conversations.socket.pushes import MessagePush, ReceiptsPush
from conversations.tokens import CONVERSATION_AUDIENCE, SOCKET_AUDIENCE, TokenClaims
from conversations.validation import Receipts
from kernel.http import counted_network
from tenants import pruning, rate_limits, use_limits
from tenants.errors import TenantNotFound
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.resolution import Hints, resolve

# Messages that a socket is sent from the database at a time; it holds them while its client reads.
MISSED_BATCH = 50
# After a token's end. A web process judges that by its own clock: while the clock is slow it would
# take an expired token, and must not find its use forgotten.
KEEP_USED_TOKENS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SocketRequest:
    """What arrives with the wish to open a socket."""

    token: str
    address: str
    origin: str | None
    hints: Hints
    after: int | None = None
    """The newest seq that the customer has seen, where they say so."""


def authenticate(request: SocketRequest) -> TokenClaims:
    """The claims of a token that may open a socket; raises InvalidToken."""
    return tokens.verify(
        request.token, audiences=(CONVERSATION_AUDIENCE, SOCKET_AUDIENCE), address=request.address
    )


def open_socket(request: SocketRequest, claims: TokenClaims) -> tuple[int, Entry]:
    """Admit a socket; returns the seq of the newest message at that moment, and how it counts.

    Raises TenantMismatch, TenantSuspended, OriginNotAllowed, OriginMismatch, SessionEnded,
    RateLimited for one socket too many, and InvalidToken for a used one-connection token and for a
    conversation or tenant that is gone.
    """
    resolve(request.hints, from_token=claims.tenant_id)
    network = counted_network(request.address)
    entry = OPEN_SOCKETS.enter(counted_for(claims.tenant_id, claims.conversation_id, network))
    try:
        return _admit(request, claims), entry
    except TenantNotFound as error:
        OPEN_SOCKETS.leave(entry)
        # The token itself names it, so this is no wrong address but a token that opens nothing.
        raise InvalidToken() from error
    except BaseException:
        OPEN_SOCKETS.leave(entry)
        raise


def _admit(request: SocketRequest, claims: TokenClaims) -> int:
    with token_scope(claims) as tenant:
        require_own_origin(claims, request.origin)
        require_allowed_origin(tenant, request.origin)
        try:
            conversation = selectors.get_conversation(
                tenant=tenant, conversation_id=claims.conversation_id
            )
        except ConversationNotFound as error:
            raise InvalidToken() from error
        if claims.is_for_one_connection:
            _use_up(tenant, claims)
        return conversation.last_seq


def _use_up(tenant: Tenant, claims: TokenClaims) -> None:
    """The primary key decides between two sockets that come with the same token."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_usedsockettoken (tenant_id, jti, expires_at) "
            "VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [tenant.pk, claims.jti, claims.expires_at],
        )
        if cursor.rowcount == 0:
            raise InvalidToken()


def count_frame(claims: TokenClaims, network: str | None) -> None:
    """Count a frame, whatever is in it; raises RateLimited."""
    rate_limits.take(claims.tenant_id, message_budget("ws", claims.conversation_id, network))


def say(
    claims: TokenClaims, network: str | None, raw_text: str, client_id: object = None
) -> MessagePush:
    """Store what the customer typed; returns it as their own sockets show it.

    The same `client_id` again returns the first message. Raises RateLimited, TextTooLong,
    InvalidText, ConversationBlocked, ConversationNotFound, OverLimit, SessionEnded,
    TenantSuspended.
    """
    count_frame(claims, network)
    text = validation.message_text(raw_text)
    sender_id = validation.client_id(client_id)
    with (
        use_limits.room_for(claims.tenant_id, Limit.MESSAGES) as room,
        token_scope(claims) as tenant,
    ):
        message = services.add_customer_message(
            tenant=tenant,
            conversation_id=claims.conversation_id,
            text=text,
            client_id=sender_id,
            echo_text=raw_text,
            room=room,
        )
    return realtime.message_push(message=message, agent_label="", echo_text=raw_text)


def note_receipts(claims: TokenClaims, receipts: Receipts) -> tuple[ReceiptsPush, Receipts]:
    """Note how far the customer's widget has come; returns how far the agents and it have.

    Raises ConversationNotFound, SessionEnded, TenantSuspended.
    """
    with token_scope(claims) as tenant:
        conversation = services.note_receipts_of_customer(
            tenant=tenant, conversation_id=claims.conversation_id, receipts=receipts
        )
    noted = Receipts(conversation.customer_delivered_seq, conversation.customer_seen_seq)
    return realtime.receipts_push(conversation), noted


def missed(claims: TokenClaims, after: int, up_to: int | None = None) -> list[MessagePush]:
    """The next MISSED_BATCH messages after a seq (and up to another), as sockets show them."""
    with token_scope(claims) as tenant:
        conversation = selectors.get_conversation(
            tenant=tenant, conversation_id=claims.conversation_id
        )
        found = selectors.list_messages(
            tenant=tenant, conversation=conversation, after=after, up_to=up_to
        )
        return [
            realtime.message_push(
                message=message,
                agent_label=(
                    selectors.agent_label(tenant=tenant, message=message)
                    if message.direction == Direction.OUTBOUND
                    else ""
                ),
            )
            for message in found[:MISSED_BATCH]
        ]


def forget_used_tokens() -> int:
    """Delete used one-connection tokens that have expired for long; returns how many."""
    return pruning.delete_old(
        lambda: UsedSocketToken.objects.filter(expires_at__lt=Now() - KEEP_USED_TOKENS)
    )
