"""A tenant's own server, calling the v2 admin API of a running web process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests

from tenants import audit, services
from tenants.api_keys.services import issue_api_key
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage


@dataclass
class Server:
    """Calls with one API key."""

    base_url: str
    tenant: Tenant
    key: str

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """One call; `path` is what follows /v2/admin/."""
        return requests.request(
            method,
            f"{self.base_url}/v2/admin/{path}",
            json=body,
            headers={
                "Authorization": f"Bearer {self.key}",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            timeout=30,
        )

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """Write."""
        return self.call("POST", path, body if body is not None else {}, **headers)

    def patch(self, path: str, body: object, **headers: str) -> Any:
        """Change."""
        return self.call("PATCH", path, body, **headers)

    def put(self, path: str, body: object, **headers: str) -> Any:
        """Set."""
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """Take away."""
        return self.call("DELETE", path, **headers)

    def with_scopes(self, *scopes: str) -> "Server":
        """Another server of the same tenant, with a key that may do just this."""
        return Server(self.base_url, self.tenant, new_key(self.tenant, *scopes))


def new_key(tenant: Tenant, *scopes: str) -> str:
    """A key's secret."""
    with tenant_scope(tenant.pk) as scoped:
        return issue_api_key(
            tenant=scoped, name="Tests", scopes=list(scopes), actor=audit.SYSTEM
        ).secret


@pytest.fixture
def new_server(stage: Stage, committed_db: None) -> Callable[[], Server]:
    """Makes a tenant with an all-powerful key."""

    def make() -> Server:
        slug = f"api-{uuid4().hex[:12]}"
        tenant = services.create_tenant(slug=slug, name=slug, actor=audit.SYSTEM)
        return Server(stage.web, tenant, new_key(tenant, "admin:write"))

    return make


@pytest.fixture
def acme(new_server: Callable[[], Server]) -> Server:
    """A tenant's server."""
    return new_server()


@pytest.fixture
def globex(new_server: Callable[[], Server]) -> Server:
    """Another tenant's."""
    return new_server()


@pytest.fixture
def shop(stage: Stage, default_tenant: Tenant) -> Server:
    """The server of the tenant that has the stage's Telegram group."""
    return Server(stage.web, default_tenant, new_key(default_tenant, "admin:write"))
