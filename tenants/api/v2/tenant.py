"""/v2/admin/tenant"""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v2.base import ApiKeyView, answered
from tenants.api_keys.scopes import Scope
from tenants.models import Tenant


class TenantJson(serializers.Serializer[Any]):
    """The tenant that the key belongs to."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(Tenant.Status.values)
    widget_key = serializers.CharField(help_text="Names the tenant in its pages; no secret.")


class OwnTenant(ApiKeyView):
    """The tenant itself."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="readTenant",
        tags=["Tenant"],
        summary="Read the tenant",
        responses=answered(TenantJson),
    )
    def get(self, request: Request) -> Response:
        """Its names and whether it is on."""
        tenant = self.tenant
        return Response(
            {
                "id": str(tenant.pk),
                "slug": tenant.slug,
                "name": tenant.name,
                "status": tenant.status,
                "widget_key": tenant.widget_key,
            }
        )
