"""/v2/admin/api-keys"""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms, iso_ms_or_none
from kernel.rest.paging import PageRequest, object_answer
from tenants.api.v2.base import ApiKeyView, answered, page_of, read
from tenants.api_keys import selectors, services
from tenants.api_keys.models import ApiKey
from tenants.api_keys.scopes import Scope
from tenants.api_keys.services import IssuedKey

_TAGS = ["API keys"]
_DAY = 86_400


class ApiKeyJson(serializers.Serializer[Any]):
    """An API key, without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The visible beginning of the key.")
    scopes = serializers.ListField(child=serializers.ChoiceField(list(Scope)))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    replaced_by = serializers.UUIDField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="At most a minute behind.")
    rate_limit_points = serializers.IntegerField(allow_null=True)


class IssuedKeyJson(ApiKeyJson):
    """A new API key; `key` is shown this once."""

    key = serializers.CharField()


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
        return object_answer([key_json(key) for key in page.rows], page.next_cursor)

    @extend_schema(
        operation_id="issueApiKey",
        tags=_TAGS,
        summary="Issue an API key",
        description="A key cannot give away scopes that it does not hold itself.",
        request=NewKey,
        responses=answered(IssuedKeyJson, 201),
    )
    def post(self, request: Request) -> Response:
        """A new key, with its secret."""
        wanted = read(NewKey, request)
        issued = services.issue_api_key(
            tenant=self.tenant, actor=self.actor, granted_by=self.caller, **wanted
        )
        return Response(issued_json(issued), 201)


class ApiKeyRotation(ApiKeyView):
    """Replacing one key."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="rotateApiKey",
        tags=_TAGS,
        summary="Rotate an API key",
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
        return Response(issued_json(issued), 201)


class OneApiKey(ApiKeyView):
    """One key."""

    reading: ClassVar[Scope] = Scope.KEYS_WRITE

    @extend_schema(
        operation_id="readApiKey", tags=_TAGS, summary="Read an API key", responses=ApiKeyJson
    )
    def get(self, request: Request, key_id: UUID) -> Response:
        """The key, without its secret."""
        return Response(key_json(selectors.get_api_key(tenant=self.tenant, key_id=key_id)))

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
        return Response(key_json(selectors.get_api_key(tenant=self.tenant, key_id=key_id)))


def key_json(key: ApiKey) -> dict[str, object]:
    """A key as it is shown."""
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": key.shown.rstrip("_…"),
        "scopes": key.scopes,
        "created_at": iso_ms(key.created_at),
        "expires_at": iso_ms_or_none(key.expires_at),
        "revoked_at": iso_ms_or_none(key.revoked_at),
        "replaced_by": str(key.replaced_by_id) if key.replaced_by_id else None,
        "last_used_at": iso_ms_or_none(key.last_used_at),
        "rate_limit_points": key.rate_limit_points,
    }


def issued_json(issued: IssuedKey) -> dict[str, object]:
    """A new key, with its secret."""
    return {**key_json(issued.key), "key": issued.secret}
