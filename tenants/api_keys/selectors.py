"""Reading API keys."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.api_keys.models import ApiKey
from tenants.errors import ApiKeyNotFound
from tenants.models import Tenant


def list_api_keys(*, tenant: Tenant) -> QuerySet[ApiKey]:
    """All of the tenant's keys, ended ones too, the newest first."""
    return ApiKey.objects.filter(tenant=tenant).order_by("-id")


def list_lasting(*, tenant: Tenant, moment: datetime) -> QuerySet[ApiKey]:
    """The tenant's keys that work at that moment and that no other one is about to replace."""
    return ApiKey.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=moment),
        tenant=tenant,
        revoked_at__isnull=True,
        replaced_by__isnull=True,
    )


def get_api_key(*, tenant: Tenant, key_id: UUID) -> ApiKey:
    """One of the tenant's keys; raises ApiKeyNotFound."""
    found = ApiKey.objects.filter(tenant=tenant, pk=key_id).first()
    if found is None:
        raise ApiKeyNotFound(key_id=key_id)
    return found
