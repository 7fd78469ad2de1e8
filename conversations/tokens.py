"""Conversation tokens: who holds one may read and write one conversation.

HS256 JWTs with `t` (tenant id), `sub` (conversation id), `aud`, `exp`, `jti` and `kid`; those of a
session also with `s` (session id) and `o` (its origin). The first secret signs, all of them verify,
so secrets rotate with overlap.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import jwt
from django.conf import settings

from conversations.errors import InvalidToken
from kernel.http import network_of

CONVERSATION_AUDIENCE = "chatorical.conversation"
SOCKET_AUDIENCE = "chatorical.socket"
CONVERSATION_TOKEN_SECONDS = 3600
SESSION_TOKEN_SECONDS = 300
SOCKET_TOKEN_SECONDS = 60
_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class TokenSession:
    """The session whose token it is, and the only origin that may use it.

    The origin is empty for a session that a program without one has begun.
    """

    id: UUID
    origin: str


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a verified token says."""

    tenant_id: UUID
    conversation_id: UUID
    audience: str
    jti: UUID
    expires_at: datetime
    session: TokenSession | None = None

    @property
    def is_for_one_connection(self) -> bool:
        """Whether a socket that opens with it uses it up."""
        return self.audience == SOCKET_AUDIENCE


def issue_conversation_token(
    *,
    tenant_id: UUID,
    conversation_id: UUID,
    address: str,
    seconds: int = CONVERSATION_TOKEN_SECONDS,
    session: TokenSession | None = None,
) -> str:
    """A token for the HTTP calls and sockets of one conversation, maybe of one session."""
    claims = _claims(tenant_id, conversation_id, CONVERSATION_AUDIENCE, address, session)
    return sign(claims, seconds=seconds)


def issue_socket_token(
    *,
    tenant_id: UUID,
    conversation_id: UUID,
    address: str,
    session: TokenSession | None = None,
) -> str:
    """A token for one socket, good for a minute, so that it may stand in an address."""
    claims = _claims(tenant_id, conversation_id, SOCKET_AUDIENCE, address, session)
    return sign(claims, seconds=SOCKET_TOKEN_SECONDS)


def verify(token: str, *, audiences: tuple[str, ...], address: str) -> TokenClaims:
    """The claims of a valid token; raises InvalidToken for every other one.

    `address` is the caller's: a token bound to another one is refused while
    UNBIND_JWT_FROM_IP is off.
    """
    claims = _decode(token, audiences)
    verified = _read(claims)
    bound_to = claims.get("ip")
    if not settings.UNBIND_JWT_FROM_IP and bound_to is not None:
        expected = _address_mark(address, claims["jti"])
        if not isinstance(bound_to, str) or not hmac.compare_digest(bound_to, expected):
            raise InvalidToken()
    return verified


def find_tenant_of_expired(token: str, conversation_id: UUID) -> UUID | None:
    """Whose conversation this is, by a token of ours for it that may be too old to permit it."""
    try:
        claims = _read(_decode(token, (CONVERSATION_AUDIENCE,), may_be_expired=True))
    except InvalidToken:
        return None
    return claims.tenant_id if claims.conversation_id == conversation_id else None


def _read(claims: dict[str, Any]) -> TokenClaims:
    try:
        return TokenClaims(
            tenant_id=UUID(claims["t"]),
            conversation_id=UUID(claims["sub"]),
            audience=claims["aud"],
            jti=UUID(claims["jti"]),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            session=TokenSession(UUID(claims["s"]), claims["o"]) if "s" in claims else None,
        )
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidToken() from error


def sign(claims: Mapping[str, object], *, seconds: int) -> str:
    """A token of ours with these claims, `jti` and `aud` among them, good for so long."""
    secret = settings.CONVERSATION_JWT_SECRETS[0]
    kid = key_id(secret)
    whole = {**claims, "exp": int(time.time()) + seconds, "kid": kid}
    return jwt.encode(whole, secret, algorithm=_ALGORITHM, headers={"kid": kid})


def read_signed(token: str, *, audience: str) -> dict[str, Any]:
    """The claims of a token that is used once; raises InvalidToken, also for an expired one."""
    secrets = tuple(settings.CONVERSATION_JWT_SECRETS)
    return _unexpired(_verified_claims(_of_sane_length(token), (audience,), secrets))


def _claims(
    tenant_id: UUID,
    conversation_id: UUID,
    audience: str,
    address: str,
    session: TokenSession | None,
) -> dict[str, object]:
    jti = str(uuid4())
    claims: dict[str, object] = {
        "t": str(tenant_id),
        "sub": str(conversation_id),
        "aud": audience,
        "jti": jti,
    }
    if session is not None:
        claims |= {"s": str(session.id), "o": session.origin}
    if not settings.UNBIND_JWT_FROM_IP:
        claims["ip"] = _address_mark(address, jti)
    return claims


def _decode(
    token: str, audiences: tuple[str, ...], *, may_be_expired: bool = False
) -> dict[str, Any]:
    secrets = tuple(settings.CONVERSATION_JWT_SECRETS)
    claims = _known_claims(_of_sane_length(token), audiences, secrets)
    return claims if may_be_expired else _unexpired(claims)


def _of_sane_length(token: str) -> str:
    if not token or len(token) > 4096:
        raise InvalidToken()
    return token


def _unexpired(claims: dict[str, Any]) -> dict[str, Any]:
    try:
        has_expired = int(claims["exp"]) <= time.time()
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidToken() from error
    if has_expired:
        raise InvalidToken()
    return claims


def _verified_claims(
    token: str, audiences: tuple[str, ...], secrets: tuple[str, ...]
) -> dict[str, Any]:
    """The claims of a token that we have signed, whenever."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise InvalidToken() from error
    for secret in secrets:
        if kid is not None and kid != key_id(secret):
            continue
        try:
            decoded: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],
                audience=audiences,
                options={
                    "require": ["t", "sub", "aud", "exp", "jti"],
                    "strict_aud": False,
                    "verify_exp": False,
                },
            )
        except jwt.PyJWTError:
            continue
        return decoded
    raise InvalidToken()


# A caller sends its token many times. Only good ones are remembered.
_known_claims = lru_cache(maxsize=4096)(_verified_claims)


def key_ids() -> tuple[str, ...]:
    """The names of the keys that verify; the first one signs."""
    return tuple(key_id(secret) for secret in settings.CONVERSATION_JWT_SECRETS)


@lru_cache(maxsize=16)
def key_id(secret: str) -> str:
    """A secret's public name, which tokens carry as `kid`."""
    return hashlib.sha256(b"kid" + secret.encode()).hexdigest()[:8]


def _address_mark(address: str, salt: str) -> str:
    """The caller's network, unreadable."""
    return hashlib.sha256(f"{salt}|{network_of(address)}".encode()).hexdigest()[:16]
