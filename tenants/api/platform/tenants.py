"""/v2/platform/tenants"""

from typing import Annotated, Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.errors import InvalidParameter
from kernel.rest import fields
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.paging import PageRequest, object_answer
from kernel.text import is_storable
from tenants import services
from tenants.api.platform.base import TAGS, PlatformView
from tenants.api.v2.api_keys import IssuedKeyJson
from tenants.api.v2.base import read
from tenants.api_keys.scopes import Scope
from tenants.api_keys.services import MAX_NAME, issue_api_key
from tenants.errors import TenantNotFound, TenantSlugTaken
from tenants.models import DEFAULT_TENANT_SLUG, Tenant
from tenants.scope import tenant_scope

_MAX_SEARCH = 120


class PlatformTenantJson(Answer, frozen=True, kw_only=True):
    """A customer company."""

    id: UUID
    slug: str
    name: str
    status: Tenant.Status
    is_default: Annotated[bool, Meta(description="Whether requests that name nobody mean it.")]
    widget_key: Annotated[str, Meta(description="Public: names the tenant in its pages.")]
    created_at: Moment

    @classmethod
    def of(cls, tenant: Tenant) -> "PlatformTenantJson":
        """The tenant as it is shown to the operator."""
        return cls(
            id=tenant.pk,
            slug=tenant.slug,
            name=tenant.name,
            status=Tenant.Status(tenant.status),
            is_default=tenant.slug == DEFAULT_TENANT_SLUG,
            widget_key=tenant.widget_key,
            created_at=iso_ms(tenant.created_at),
        )


class NewTenant(serializers.Serializer[Any]):
    """Who is new."""

    slug = fields.Text(
        max_length=63, help_text="Lower-case letters, digits and hyphens; it stays for good."
    )
    name = fields.Text(max_length=120)


class TenantChange(serializers.Serializer[Any]):
    """What shall be different."""

    name = fields.Text(required=False, max_length=120)
    status = serializers.ChoiceField(
        list(Tenant.Status), required=False, help_text="`suspended` pauses the chat; data stays."
    )


class FirstKey(serializers.Serializer[Any]):
    """What the key may do."""

    name = fields.Text(max_length=MAX_NAME)
    scopes = serializers.ListField(child=serializers.ChoiceField(list(Scope)), min_length=1)


class Tenants(PlatformView):
    """All tenants."""

    @extend_schema(
        operation_id="listTenants",
        tags=TAGS,
        summary="List tenants",
        parameters=[
            *PageRequest.parameters(),
            OpenApiParameter("status", {"type": "string", "enum": list(Tenant.Status)}),
            OpenApiParameter(
                "q",
                {"type": "string", "maxLength": _MAX_SEARCH},
                description="Part of the name or slug.",
            ),
        ],
        responses=page_of(PlatformTenantJson),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = Tenant.objects.all()
        status = request.query_params.get("status") or None
        if status is not None:
            if status not in list(Tenant.Status):
                raise InvalidParameter(
                    "status: Use active or suspended.", details={"field": "status"}
                )
            rows = rows.filter(status=status)
        wanted = (request.query_params.get("q") or "").strip()
        if not is_storable(wanted) or len(wanted) > _MAX_SEARCH:
            raise InvalidParameter("q: This cannot be searched for.", details={"field": "q"})
        if wanted:
            rows = rows.filter(Q(slug__icontains=wanted) | Q(name__icontains=wanted))
        page = PageRequest.of(request, "tenants").take(rows)
        return object_answer(map(PlatformTenantJson.of, page.rows), page.next_cursor)

    @extend_schema(
        operation_id="createTenant",
        tags=TAGS,
        summary="Create a tenant",
        request=NewTenant,
        responses=answered(PlatformTenantJson, 201),
    )
    def post(self, request: Request) -> Response:
        """The new tenant, active at once."""
        given = read(NewTenant, request)
        if not services.is_slug(given["slug"]):
            sentence = "Use lower-case letters, digits and hyphens, such as blue-bakery."
            raise InvalidParameter(f"slug: {sentence}", details={"slug": [sentence]})
        try:
            tenant = services.create_tenant(actor=self.actor, **given)
        except IntegrityError:
            raise TenantSlugTaken() from None
        return Response(PlatformTenantJson.of(Tenant.objects.get(pk=tenant.pk)), 201)


class OneTenant(PlatformView):
    """One tenant."""

    @extend_schema(
        operation_id="readPlatformTenant",
        tags=TAGS,
        summary="Read a tenant",
        responses=answered(PlatformTenantJson),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The tenant."""
        return Response(PlatformTenantJson.of(get_tenant(slug)))

    @extend_schema(
        operation_id="changeTenant",
        tags=TAGS,
        summary="Rename, suspend or resume a tenant",
        description="The default tenant cannot be suspended: 409 `default_tenant_stays`.",
        request=TenantChange,
        responses=answered(PlatformTenantJson),
    )
    def patch(self, request: Request, slug: str) -> Response:
        """The tenant as it is now."""
        given = read(TenantChange, request)
        tenant_id = get_tenant(slug).pk
        with tenant_scope(tenant_id) as tenant:
            if given.get("name", tenant.name) != tenant.name:
                services.rename_tenant(tenant=tenant, name=given["name"], actor=self.actor)
            if given.get("status", tenant.status) != tenant.status:
                services.set_tenant_status(
                    tenant=tenant, status=Tenant.Status(given["status"]), actor=self.actor
                )
        return Response(PlatformTenantJson.of(Tenant.objects.get(pk=tenant_id)))


class TenantApiKeys(PlatformView):
    """Keys of one tenant."""

    @extend_schema(
        operation_id="issueTenantApiKey",
        tags=TAGS,
        summary="Issue an API key for a tenant",
        description="The first one: with `keys:write` or `admin:write` the tenant's own server "
        "then issues the others.",
        request=FirstKey,
        responses=answered(IssuedKeyJson, 201),
    )
    def post(self, request: Request, slug: str) -> Response:
        """A new key, with its secret, shown this once."""
        given = read(FirstKey, request)
        with tenant_scope(get_tenant(slug).pk) as tenant:
            issued = issue_api_key(tenant=tenant, actor=self.actor, **given)
        return Response(IssuedKeyJson.issued(issued), 201)


def get_tenant(slug: str) -> Tenant:
    """The tenant with this slug; raises TenantNotFound."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise TenantNotFound(slug=slug[:63])
    return tenant
