"""/v2/admin/api-keys"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys import selectors, services
from tenants.api_keys.models import ApiKey
from tenants.api_keys.scopes import Scope
from tenants.api_keys.services import IssuedKey

_TAGS = ["API keys"]
_DAY = 86_400


class ApiKeyJson(Answer, frozen=True, kw_only=True):
    """An API key, without its secret."""

    id: UUID
    name: str
    prefix: Annotated[str, Meta(description="The visible beginning of the key.")]
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    replaced_by: UUID | None
    last_used_at: Annotated[Moment | None, Meta(description="At most a minute behind.")]
    rate_limit_points: int | None

    @classmethod
    def of(cls, key: ApiKey) -> "ApiKeyJson":
        """The key as it is shown."""
        return cls(
            id=key.pk,
            name=key.name,
            prefix=key.shown.rstrip("_…"),
            scopes=[Scope(scope) for scope in key.scopes],
            created_at=iso_ms(key.created_at),
            expires_at=iso_ms_or_none(key.expires_at),
            revoked_at=iso_ms_or_none(key.revoked_at),
            replaced_by=key.replaced_by_id,
            last_used_at=iso_ms_or_none(key.last_used_at),
            rate_limit_points=key.rate_limit_points,
        )


class IssuedKeyJson(ApiKeyJson, frozen=True, kw_only=True):
    """A new API key; `key` is shown this once."""

    key: str

    @classmethod
    def issued(cls, issued: IssuedKey) -> "IssuedKeyJson":
        """The key with its secret."""
        return cls(**msgspec.structs.asdict(ApiKeyJson.of(issued.key)), key=issued.secret)


class NewKey(serializers.Serializer[Any]):
    """What a new key shall be."""

    name = serializers.CharField(max_length=services.MAX_NAME)
    scopes = serializers.ListField(child=serializers.ChoiceField(list(Scope)), min_length=1)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    rate_limit_points = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=services.MAX_POINTS
    )


class Rotation(serializers.Serializer[Any]):
    """How long the old key goes on working."""

    overlap_seconds = serializers.IntegerField(
        default=_DAY, min_value=0, max_value=services.MAX_OVERLAP_SECONDS
    )


class ApiKeys(ApiKeyView):
    """The tenant's keys."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="listApiKeys",
        tags=_TAGS,
        summary="List API keys",
        parameters=PageRequest.parameters(),
        responses=page_of(ApiKeyJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first, those that have ended too."""
        page = PageRequest.of(request, "api-keys").take(selectors.list_api_keys(tenant=self.tenant))
        return object_answer(map(ApiKeyJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="issueApiKey",
        tags=_TAGS,
        summary="Issue an API key",
        description="A key cannot give away scopes that it does not hold itself, nor a later end "
        "or more calls than its own: 403 `forbidden`, with the greatest value in "
        "`details.maximum`. Where nothing is said, its own end and limit hold for the new key.",
        request=NewKey,
        responses=answered(IssuedKeyJson, 201),
    )
    def post(self, request: Request) -> Response:
        """A new key, with its secret."""
        wanted = read(NewKey, request)
        issued = services.issue_api_key(
            tenant=self.tenant, actor=self.actor, granted_by=self.caller, **wanted
        )
        return Response(IssuedKeyJson.issued(issued), 201)


class ApiKeyRotation(ApiKeyView):
    """Replacing one key."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="rotateApiKey",
        tags=_TAGS,
        summary="Rotate an API key",
        description="The new key lives as long again, but not longer than the key that calls. A "
        "key that may do more than that one, ends later or may call more often is refused.",
        request=Rotation,
        responses=answered(IssuedKeyJson, 201),
    )
    def post(self, request: Request, key_id: UUID) -> Response:
        """A key in the old one's place, which works on for a while."""
        issued = services.rotate_api_key(
            tenant=self.tenant,
            key_id=key_id,
            actor=self.actor,
            granted_by=self.caller,
            **read(Rotation, request),
        )
        return Response(IssuedKeyJson.issued(issued), 201)


class OneApiKey(ApiKeyView):
    """One key."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="readApiKey",
        tags=_TAGS,
        summary="Read an API key",
        responses=answered(ApiKeyJson),
    )
    def get(self, request: Request, key_id: UUID) -> Response:
        """The key, without its secret."""
        return Response(ApiKeyJson.of(selectors.get_api_key(tenant=self.tenant, key_id=key_id)))

    @extend_schema(
        operation_id="revokeApiKey",
        tags=_TAGS,
        summary="Revoke an API key",
        description="A key cannot revoke one that may do more than itself.",
        responses=answered(ApiKeyJson),
    )
    def delete(self, request: Request, key_id: UUID) -> Response:
        """End it at once; once more is fine."""
        services.revoke_api_key(
            tenant=self.tenant, key_id=key_id, actor=self.actor, revoked_by=self.caller
        )
        return Response(ApiKeyJson.of(selectors.get_api_key(tenant=self.tenant, key_id=key_id)))
