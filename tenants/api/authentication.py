"""The service token of v1: one secret between the installation and its operator's own servers."""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from kernel.errors import Unauthorized
from kernel.http import address_of
from tenants import configuration, rate_limits
from tenants.api.principals import Principal
from tenants.audit import Actor, ActorKind
from tenants.resolution import Hints, resolve

SERVICE_TOKEN_HEADER = "X-Internal-Auth"  # noqa: S105  # nosec B105
SERVICE = Actor(ActorKind.SYSTEM, "service token")


class ServiceTokenAuthentication(BaseAuthentication):
    """`X-Internal-Auth: <SERVICE_TOKEN>`, for the default tenant."""

    def authenticate(self, request: Request) -> tuple[Principal, None]:
        """The default tenant's service; raises Unauthorized for a missing or wrong token alike.

        Wrong ones are counted by address as wrong API keys are; raises RateLimited for too many,
        and what `check_hints` raises.
        """
        offered = self.offered(request)
        if not is_service_token(offered):
            if offered:
                rate_limits.take_for_address("wrong_key", address_of(request))
            raise Unauthorized()
        tenant_id = configuration.default_tenant_id()
        self.check_hints(request, tenant_id)
        return Principal(tenant_id, SERVICE), None

    def check_hints(self, request: Request, tenant_id: UUID) -> None:
        """Raises TenantMismatch for a hint at another tenant, and what else `resolve` raises."""
        resolve(Hints.of_request(request), from_token=tenant_id)

    def offered(self, request: Request) -> str:
        """What the caller says the token is."""
        return request.headers.get(SERVICE_TOKEN_HEADER, "")


class PlatformAuthentication(ServiceTokenAuthentication):
    """The same token; `Authorization: Bearer <SERVICE_TOKEN>` will do as well, as in all of v2."""

    def offered(self, request: Request) -> str:
        """The first of the two headers that is there."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        return super().offered(request) or bearer

    def check_hints(self, request: Request, tenant_id: UUID) -> None:
        """Hints do not count: these calls are about all tenants, or name one in their path."""

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says is wanted."""
        return "Bearer"


def is_service_token(offered: str) -> bool:
    """Whether a header's value is a configured token, in a time that tells nothing about it.

    Servers hand headers over as Latin-1. Without a configured token nothing matches.
    """
    digest = _digest(offered.encode("latin-1", "replace"))
    accepted = (settings.SERVICE_TOKEN, *settings.SERVICE_TOKEN_FALLBACKS)
    # Each is compared, whichever fits, so that the time tells nothing about that either.
    matches = [
        hmac.compare_digest(digest, _digest(token.encode())) and bool(token) for token in accepted
    ]
    return any(matches)


def _digest(value: bytes) -> bytes:
    """Of one length, whatever the value's: the comparison must not tell how long the token is."""
    return hashlib.sha256(value).digest()
