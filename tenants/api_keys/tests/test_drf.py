"""API keys at a view of Django REST framework."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from kernel.errors import DomainError
from tenants.api_keys import services
from tenants.api_keys.drf import ApiKeyAuthentication, HasScope
from tenants.api_keys.principal import Principal
from tenants.api_keys.scopes import Scope
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

pytestmark = pytest.mark.django_db


def answer_refusals(error: Exception, _context: dict[str, Any]) -> Response:
    """As an API's own handler would."""
    assert isinstance(error, DomainError)
    return Response(error.envelope(), status=error.http_status)


class Settings(APIView):
    """A view that reads and writes."""

    authentication_classes = (ApiKeyAuthentication,)
    permission_classes = (HasScope(Scope.SETTINGS_READ, writing=Scope.SETTINGS_WRITE),)  # type: ignore[assignment]  # instances that return themselves, as HasScope explains

    def get_exception_handler(self) -> Any:
        """The one above."""
        return answer_refusals

    def get(self, request: Request) -> Response:
        """Whose key it was."""
        assert isinstance(request.auth, Principal)
        return Response({"tenant": str(request.auth.tenant_id)})

    def put(self, request: Request) -> Response:
        """The same."""
        return self.get(request)


@pytest.fixture
def shop(db: None) -> Tenant:
    """A tenant with a server."""
    return create_tenant(slug=f"shop-{uuid4().hex}", name="Shop", actor=SYSTEM)


@pytest.fixture
def secret(shop: Tenant) -> str:
    """A key that may read settings."""
    with tenant_scope(shop.pk) as tenant:
        return services.issue_api_key(
            tenant=tenant, name="Shop", scopes=["admin:read"], actor=SYSTEM
        ).secret


def call(method: str = "get", path: str = "/v2/admin/settings", **headers: str) -> Response:
    """What the view answers."""
    request = getattr(APIRequestFactory(), method)(path, headers=headers)
    answer = Settings.as_view()(request)
    assert isinstance(answer, Response)
    return answer


def refusal(answer: Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.data["error"]["code"]


def test_the_tenant_is_the_keys(shop: Tenant, secret: str) -> None:
    for headers in (
        {"Authorization": f"Bearer {secret}"},
        {"X-API-Key": secret},
        {"X-API-Key": secret, "X-Tenant-ID": shop.slug},
    ):
        assert call(**headers).data == {"tenant": str(shop.pk)}


def test_there_is_no_call_without_a_key() -> None:
    assert refusal(call()) == (401, "unauthorized")
    for wrong in ("garbage", "chat_live_garbage"):
        assert refusal(call(Authorization=f"Bearer {wrong}")) == (401, "invalid_api_key")
    assert refusal(call(**{"Authorization": "Bearer a", "X-API-Key": "b"})) == (401, "unauthorized")


def test_another_tenant_cannot_be_named(secret: str) -> None:
    answer = call(**{"X-API-Key": secret, "X-Tenant-ID": "default"})
    assert refusal(answer) == (403, "tenant_mismatch")
    answer = call(path="/v2/admin/settings?t=nobody", **{"X-API-Key": secret})
    assert refusal(answer) == (404, "tenant_not_found")


def test_what_is_missing_is_named(secret: str) -> None:
    answer = call("put", **{"X-API-Key": secret})
    assert refusal(answer) == (403, "insufficient_scope")
    assert answer.data["error"]["details"] == {"required": "settings:write"}
    assert "settings:write" in answer.data["error"]["message"]


def test_a_call_counts_once(shop: Tenant, secret: str) -> None:
    with tenant_scope(shop.pk) as tenant:
        strict = services.issue_api_key(
            tenant=tenant, name="S", scopes=["admin:read"], actor=SYSTEM, rate_limit_points=2
        ).secret
    assert [call(**{"X-API-Key": strict}).status_code for _ in range(3)] == [200, 200, 429]
