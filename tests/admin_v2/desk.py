"""The default tenant's server, whose customers and agents are on the stage."""

from typing import Any

import pytest

from tenants.models import Tenant
from tests.admin_v2.conftest import Server, new_key
from tests.conftest import Stage
from tests.customer import Customer, arrive


@pytest.fixture
def shop(stage: Stage, default_tenant: Tenant) -> Server:
    """May do everything about the tenant that has the stage's Telegram group."""
    return Server(stage.web, default_tenant, new_key(default_tenant, "admin:write"))


def visit(server: Server, *, name: str | None = None) -> Customer:
    """A customer of the server's tenant, who has started a conversation."""
    return arrive(server.base_url, name=name, tenant=server.tenant.slug)


def path(customer: Customer, what: str = "") -> str:
    """The address of something about a customer's conversation."""
    return f"conversations/{customer.conversation_id}{'/' if what else ''}{what}"


def new_agent(server: Server, name: str, telegram_user_id: int) -> dict[str, Any]:
    """An agent whom customers see under this name."""
    answer = server.post(
        "agents", {"telegram_user_id": telegram_user_id, "display_name": name}
    )
    assert answer.status_code in {200, 201}, answer.text
    shown: dict[str, Any] = answer.json()
    return shown
