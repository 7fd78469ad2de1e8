"""A tenant's own numbers in place of its plan's."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import limits, services, validation
from billing.api.v2.limits import LimitJson
from kernel.rest import fields
from kernel.rest.answers import answered
from tenants.api.platform.base import TAGS, PlatformView
from tenants.api.platform.tenants import get_tenant
from tenants.api.v2.base import read
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.scope import tenant_scope


class OwnLimit(serializers.Serializer[Any]):
    """The number that shall hold for this tenant."""

    value = fields.Number(
        allow_null=True,
        min_value=0,
        max_value=validation.MAX_USED,
        help_text="Null: as much as they like.",
    )


class TenantLimit(PlatformView):
    """One limit of one tenant."""

    @extend_schema(
        operation_id="readTenantLimit",
        tags=TAGS,
        summary="Read a limit of a tenant",
        responses=answered(LimitJson),
    )
    def get(self, request: Request, slug: str, name: str) -> Response:
        """What holds, and how much of it is used."""
        return Response(_limit_of(get_tenant(slug), validation.limit_name(name)))

    @extend_schema(
        operation_id="overrideLimit",
        tags=TAGS,
        summary="Give a tenant a limit of its own",
        description="It goes before the plan's number, and stays when the plan changes.",
        request=OwnLimit,
        responses=answered(LimitJson),
    )
    def put(self, request: Request, slug: str, name: str) -> Response:
        """It holds with the tenant's next request."""
        limit, value = validation.limit_name(name), read(OwnLimit, request)["value"]
        tenant = get_tenant(slug)
        with tenant_scope(tenant.pk) as scoped:
            services.override_limit(tenant=scoped, limit=limit, value=value, actor=self.actor)
        return Response(_limit_of(tenant, limit))

    @extend_schema(
        operation_id="removeOwnLimit",
        tags=TAGS,
        summary="Let the plan's limit hold again",
        responses=answered(LimitJson),
    )
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """What holds then."""
        limit, tenant = validation.limit_name(name), get_tenant(slug)
        with tenant_scope(tenant.pk) as scoped:
            services.remove_override(tenant=scoped, limit=limit, actor=self.actor)
        return Response(_limit_of(tenant, limit))


def _limit_of(tenant: Tenant, limit: Limit) -> LimitJson:
    with tenant_scope(tenant.pk) as scoped:
        (status,) = [each for each in limits.statuses_of(scoped) if each.limit == limit]
        return LimitJson.of(status)
