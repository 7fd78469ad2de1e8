"""Tokens as somebody else might make them."""

import hashlib
import time
from typing import Any
from uuid import uuid4

import jwt
from django.conf import settings

from tests.customer import Customer


def forge(
    visitor: Customer,
    *,
    secret: str | None = None,
    algorithm: str = "HS256",
    exp_in: int = 600,
    kid: str | None = None,
    **claims: Any,
) -> str:
    """A conversation token that would be genuine but for what is asked for; None leaves out."""
    key = secret or settings.CONVERSATION_JWT_SECRETS[0]
    genuine = {
        "t": visitor.tenant_id,
        "sub": visitor.conversation_id,
        "aud": "chatorical.conversation",
        "exp": int(time.time()) + exp_in,
        "jti": str(uuid4()),
    }
    wanted = {name: value for name, value in (genuine | claims).items() if value is not None}
    header = {"kid": kid or hashlib.sha256(b"kid" + key.encode()).hexdigest()[:8]}
    return jwt.encode(
        wanted, key if algorithm != "none" else "", algorithm=algorithm, headers=header
    )
