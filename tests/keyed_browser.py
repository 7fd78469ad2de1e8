"""A browser that keeps a key, as far as the wire is concerned."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.db.models import F

from conversations.sessions.models import Session
from tenants.scope import tenant_scope
from tests.customer import Customer, new_address

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)


def base64url(raw: bytes) -> str:
    """Without padding, as in a JWK."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Key:
    """A key pair that a browser has made."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as WebCrypto exports it."""
        numbers = self._private.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "ext": True, "key_ops": ["verify"]}

    def sign(self, text: str) -> str:
        """As WebCrypto signs: r and s, one after the other."""
        r, s = decode_dss_signature(self._private.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(32) + s.to_bytes(32))


@dataclass
class KeyedBrowser:
    """A browser on a page of one website, with or without a session."""

    web: str
    tenant: str | None = None
    origin: str | None = None
    key: Key = field(default_factory=Key)
    address: str = field(default_factory=new_address)
    started: dict[str, Any] = field(default_factory=dict)

    @property
    def session_id(self) -> str:
        """The session that it began."""
        return str(self.started["session_id"])

    @property
    def token(self) -> str:
        """The newest token, which lies in its memory only."""
        return str(self.started["token"])

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> requests.Response:
        """Any call, whatever it answers."""
        sent: dict[str, str | None] = {
            "X-Forwarded-For": self.address,
            "User-Agent": CHROME,
            "Origin": self.origin,
        }
        return requests.request(
            method,
            self.web + path,
            json=body,
            params={"t": self.tenant} if self.tenant else None,
            headers={**sent, **(headers or {})},
            timeout=30,
        )

    def try_start(self, token: str | None = None, **body: object) -> requests.Response:
        """POST /v2/sessions, with the token of a conversation to go on with, if there is one."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return self.call("POST", "/v2/sessions", {"public_key": self.key.jwk, **body}, headers)

    def start(self, token: str | None = None, **body: object) -> "KeyedBrowser":
        """Begin a session."""
        answer = self.try_start(token, **body)
        assert answer.status_code == 201, answer.text
        self.started = answer.json()
        return self

    def on_session(
        self, what: str, body: object = None, **headers: str | None
    ) -> requests.Response:
        """POST /v2/sessions/{id}/…"""
        return self.call("POST", f"/v2/sessions/{self.session_id}/{what}", body, headers)

    def challenge(self) -> str:
        """A new challenge."""
        answer = self.on_session("challenge")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["challenge"])

    def answer(self, challenge: str, signature: str | None = None) -> requests.Response:
        """Answer a challenge, with its own signature unless another one is given."""
        signed = self.key.sign(challenge) if signature is None else signature
        return self.on_session("token", {"challenge": challenge, "signature": signed})

    def come_back(self) -> "KeyedBrowser":
        """Get a new token by the key."""
        answer = self.answer(self.challenge())
        assert answer.status_code == 200, answer.text
        self.started["token"] = answer.json()["token"]
        return self

    def customer(self) -> Customer:
        """Its customer, for the conversation's calls."""
        return Customer(
            web=self.web,
            conversation_id=self.started["conversation_id"],
            token=self.token,
            codename=self.started["codename"],
            tenant_id="",
            address=self.address,
        )

    def bearer(self) -> dict[str, str | None]:
        """The header with its newest token."""
        return {"Authorization": f"Bearer {self.token}"}


def age(tenant_id: UUID, session_id: str, by: timedelta) -> None:
    """As if everything in the session's life had been so much earlier."""
    with tenant_scope(tenant_id):
        Session.objects.filter(pk=session_id).update(
            created_at=F("created_at") - by,
            last_used_at=F("last_used_at") - by,
            expires_at=F("expires_at") - by,
        )
