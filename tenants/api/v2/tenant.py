"""/v2/admin/tenant"""

from typing import Annotated, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest.answers import Answer, answered
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope
from tenants.models import Tenant


class TenantJson(Answer, frozen=True, kw_only=True):
    """The tenant that the key belongs to."""

    id: UUID
    slug: str
    name: str
    status: Tenant.Status
    widget_key: Annotated[str, Meta(description="Names the tenant in its pages; no secret.")]

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantJson":
        """The tenant as it is shown to its own servers."""
        return cls(
            id=tenant.pk,
            slug=tenant.slug,
            name=tenant.name,
            status=Tenant.Status(tenant.status),
            widget_key=tenant.widget_key,
        )


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
        return Response(TenantJson.of(self.tenant))
