"""Customers and agents of a tenant whose server calls."""

from typing import Any

from tests.admin_v2.conftest import Server
from tests.customer import Customer, arrive


def visit(server: Server, *, name: str | None = None) -> Customer:
    """A customer of the server's tenant, who has started a conversation."""
    return arrive(server.base_url, name=name, tenant=server.tenant.slug)


def history(customer: Customer) -> list[dict[str, Any]]:
    """What a customer of any tenant reads."""
    answer = customer.call("GET", "messages")
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def path(customer: Customer, what: str = "") -> str:
    """The address of something about a customer's conversation."""
    return f"conversations/{customer.conversation_id}{'/' if what else ''}{what}"


def new_agent(server: Server, name: str, channel_user_id: int) -> dict[str, Any]:
    """An agent whom customers see under this name."""
    answer = server.post("agents", {"channel_user_id": str(channel_user_id), "display_name": name})
    assert answer.status_code in {200, 201}, answer.text
    shown: dict[str, Any] = answer.json()
    return shown
