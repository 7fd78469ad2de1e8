"""What a socket of the customer may do: open, say something, catch up. No protocol here."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from conversations import realtime, selectors, services, tokens, validation
from conversations.access import customer_scope, is_origin_allowed
from conversations.errors import ConversationNotFound, InvalidToken, OriginNotAllowed
from conversations.hub import Push
from conversations.models import Direction, UsedSocketToken
from conversations.tokens import CONVERSATION_AUDIENCE, SOCKET_AUDIENCE, TokenClaims
from tenants import pruning
from tenants.errors import TenantNotFound
from tenants.models import Tenant
from tenants.resolution import Hints, resolve


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


def open_socket(request: SocketRequest, claims: TokenClaims) -> int:
    """Admit a socket; returns the seq of the newest message at that moment.

    Raises TenantMismatch, TenantSuspended, OriginNotAllowed, and InvalidToken for a used
    one-connection token and for a conversation or tenant that is gone.
    """
    resolve(request.hints, from_token=claims.tenant_id)
    try:
        return _admit(request, claims)
    except TenantNotFound as error:
        # The token itself names it, so this is no wrong address but a token that opens nothing.
        raise InvalidToken() from error


def _admit(request: SocketRequest, claims: TokenClaims) -> int:
    with customer_scope(claims.tenant_id) as tenant:
        if request.origin is not None and not is_origin_allowed(
            tenant=tenant, origin=request.origin
        ):
            raise OriginNotAllowed(origin=request.origin)
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


def say(claims: TokenClaims, raw_text: str, client_id: object = None) -> Push:
    """Store what the customer typed; returns it as their own sockets show it.

    The same `client_id` again returns the first message. Raises TextTooLong, InvalidText,
    ConversationBlocked, ConversationNotFound, TenantSuspended.
    """
    text = validation.message_text(raw_text)
    sender_id = validation.client_id(client_id)
    with customer_scope(claims.tenant_id) as tenant:
        message = services.add_customer_message(
            tenant=tenant,
            conversation_id=claims.conversation_id,
            text=text,
            client_id=sender_id,
            echo_text=raw_text,
        )
    return realtime.message_push(message=message, agent_label="", echo_text=raw_text)


def missed(
    tenant_id: UUID, conversation_id: UUID, after: int, up_to: int | None = None
) -> list[Push]:
    """Every message after a seq (and up to another), as sockets show them."""
    with customer_scope(tenant_id) as tenant:
        conversation = selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
        return [
            realtime.message_push(
                message=message,
                agent_label=(
                    selectors.agent_label(tenant=tenant, message=message)
                    if message.direction == Direction.OUTBOUND
                    else ""
                ),
            )
            for message in selectors.list_messages(
                tenant=tenant, conversation=conversation, after=after, up_to=up_to
            )
        ]


def forget_used_tokens() -> int:
    """Delete used one-connection tokens that have expired anyway; returns how many."""
    return pruning.delete_old(lambda: UsedSocketToken.objects.filter(expires_at__lt=timezone.now()))
