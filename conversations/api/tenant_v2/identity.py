"""/v2/admin/identity/keys"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from msgspec import Meta, structs
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.identity import keys
from conversations.identity.keys import MadeKey
from conversations.identity.models import IdentityKey
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Identity"]
# What a token lets its bearer do to the conversations of the person whom it names.
_OF_CUSTOMERS = (Scope.CONVERSATIONS_READ, Scope.CONVERSATIONS_WRITE)


class IdentityKeyJson(Answer, frozen=True, kw_only=True):
    """A key that verifies identity tokens."""

    id: UUID
    algorithm: IdentityKey.Algorithm
    public_key: Annotated[str | None, Meta(description="Of ES256, in PEM.")]
    created_at: Moment

    @classmethod
    def of(cls, key: IdentityKey) -> "IdentityKeyJson":
        """The key as it is shown."""
        return cls(
            id=key.pk,
            algorithm=IdentityKey.Algorithm(key.algorithm),
            public_key=key.public_key or None,
            created_at=iso_ms(key.created_at),
        )


class NewIdentityKeyJson(IdentityKeyJson, frozen=True, kw_only=True):
    """A new key; `secret` is shown this once."""

    secret: Annotated[
        str | None,
        Meta(description="Of HS256: sign with these characters as they are. Keep it on a server."),
    ]

    @classmethod
    def made(cls, made: MadeKey) -> "NewIdentityKeyJson":
        """The key with its secret."""
        return cls(**structs.asdict(IdentityKeyJson.of(made.key)), secret=made.secret or None)


class NewIdentityKey(serializers.Serializer[Any]):
    """Which key it shall be."""

    algorithm = serializers.ChoiceField(IdentityKey.Algorithm.values)
    public_key = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text="For ES256: the public key, as a text in PEM or as a JWK. Without `algorithm` "
        "ES256, leave it out.",
    )


class IdentityKeys(ApiKeyView):
    """The tenant's keys."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="listIdentityKeys",
        tags=_TAGS,
        summary="List identity keys",
        description="Newest first. A token that any of them has signed is accepted.",
        parameters=PageRequest.parameters(),
        responses=page_of(IdentityKeyJson),
    )
    def get(self, request: Request) -> Response:
        """All that are in use."""
        page = PageRequest.of(request, "identity-keys").take(keys.list_keys(tenant=self.tenant))
        return object_answer(map(IdentityKeyJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="addIdentityKey",
        tags=_TAGS,
        summary="Add an identity key",
        description="HS256 makes a secret, which is shown this once; ES256 takes a public key of "
        "P-256. The keys that there are go on: to rotate, add one, sign with it, and remove the "
        "old one a day later. 409 `too_many_identity_keys` for a fifth one. The tenant's setting "
        "`identity.mode` says whether tokens are taken. Who has a key reads and writes as any "
        "customer whom it names, so this needs `conversations:read` and `conversations:write` "
        "beside `keys:write`.",
        request=NewIdentityKey,
        responses=answered(NewIdentityKeyJson, 201),
    )
    def post(self, request: Request) -> Response:
        """A new key."""
        for scope in _OF_CUSTOMERS:
            self.caller.require_scope(scope)
        wanted = read(NewIdentityKey, request)
        if wanted["algorithm"] == IdentityKey.Algorithm.HS256:
            made = keys.make_secret(tenant=self.tenant, actor=self.actor)
        else:
            made = keys.add_public_key(
                tenant=self.tenant, given=wanted.get("public_key"), actor=self.actor
            )
        return Response(NewIdentityKeyJson.made(made), 201)


class OneIdentityKey(ApiKeyView):
    """One key."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="removeIdentityKey",
        tags=_TAGS,
        summary="Remove an identity key",
        description="Tokens that it has signed are refused from now on. Sessions that have begun "
        "go on.",
        responses={204: None},
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        """For good."""
        keys.remove_key(tenant=self.tenant, key_id=key_id, actor=self.actor)
        return Response(None, 204)
