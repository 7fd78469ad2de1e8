"""Whatever is named, wherever that is done: the name shows something and misleads nobody."""

from collections.abc import Callable
from uuid import uuid4

import pytest
import requests

from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import new_agent, path, visit
from tests.customer import new_address
from tests.operator import Operator

ALI_REZA = "علی\u200cرضا"
FAMILY = "👨\u200d👩\u200d👧"
INVISIBLE = ["\u200b\u2060", "\u3164\u3164", "\u2800\u2800", "\u0301\u0301", "\U000e0041\U000e0042"]
MISLEADING = ["Ana\u202egnp", "\u2067Ana", "An\x07a"]


def places(acme: Server) -> dict[str, Callable[[str], requests.Response]]:
    """Where a name can be given, each with the call that gives it."""
    mara = visit(acme)
    agent = new_agent(acme, "Ana", 4711)
    operator = Operator(acme.base_url)
    return {
        "agent": lambda name: acme.post(
            "agents", {"channel_user_id": "4712", "display_name": name}
        ),
        "agent changed": lambda name: acme.patch(f"agents/{agent['id']}", {"display_name": name}),
        "v1 agent": lambda name: operator.call(
            "POST", "/v1/admin/agents/upsert", json={"tgId": "4713", "displayName": name}
        ),
        "codename": lambda name: acme.patch(path(mara), {"codename": name}),
        "customer": lambda name: acme.patch(path(mara), {"name": name}),
        "API key": lambda name: acme.post(
            "api-keys", {"name": name, "scopes": ["conversations:read"]}
        ),
        "support label": lambda name: acme.put("settings/support.label", {"value": name}),
        "tenant": lambda name: operator.call(
            "POST",
            "/v2/platform/tenants",
            json={"slug": f"t-{uuid4().hex[:12]}", "name": name},
        ),
        "tenant renamed": lambda name: operator.call(
            "PATCH", f"/v2/platform/tenants/{acme.tenant.slug}", json={"name": name}
        ),
        "plan": lambda name: operator.call(
            "POST", "/v2/platform/plans", json={"code": f"p-{uuid4().hex[:12]}", "name": name}
        ),
    }


def test_names_with_joiners_are_taken_everywhere(acme: Server) -> None:
    for place, give in places(acme).items():
        for name in (ALI_REZA, FAMILY):
            answer = give(name)
            assert answer.status_code in {200, 201}, (place, name, answer.text)
            assert name in answer.json().values(), place


def test_names_that_show_nothing_are_taken_nowhere(acme: Server) -> None:
    for place, give in places(acme).items():
        for name in INVISIBLE:
            assert give(name).status_code == 400, (place, ascii(name))


def test_names_that_mislead_are_taken_nowhere(acme: Server) -> None:
    for place, give in places(acme).items():
        # What a customer calls themselves is cleaned instead.
        for name in MISLEADING if place != "customer" else []:
            assert give(name).status_code == 400, (place, ascii(name))


@pytest.mark.parametrize(
    ("given", "kept"), [(ALI_REZA, ALI_REZA), ("Ana\u202egnp", "Anagnp"), ("\u200bAna", "Ana")]
)
def test_a_customers_name_is_cleaned(acme: Server, given: str, kept: str) -> None:
    answer = visit(acme).call("PATCH", "name", json={"name": given})
    assert (answer.status_code, answer.json()["customerName"]) == (200, kept)


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_stored_name_that_shows_nothing_never_stops_a_start(acme: Server, name: str) -> None:
    """Yesterday's widget sends the name with each start, and has no other way to go on."""
    started = requests.post(
        f"{acme.base_url}/v1/conversations/start?t={acme.tenant.slug}",
        json={"name": name},
        headers={"X-Forwarded-For": new_address()},
        timeout=30,
    )
    assert started.status_code == 200, started.text
    shown = acme.get(f"conversations/{started.json()['conversation_id']}").json()
    assert shown["customer_name"] is None
    assert visit(acme).call("PATCH", "name", json={"name": name}).status_code == 400


def test_a_note_that_shows_nothing_is_none(acme: Server) -> None:
    mara = visit(acme)
    assert acme.patch(path(mara), {"note": "likes tea"}).json()["note"] == "likes tea"
    assert not acme.patch(path(mara), {"note": "\u200b\u2800"}).json()["note"]


def test_a_text_that_shows_nothing_switches_its_message_off(acme: Server) -> None:
    written = acme.put("templates/closing_message/lv", {"text": "\u200b\u3164"})
    assert (written.status_code, written.json()["enabled"]) == (200, False)
    refused = acme.put("translations/lv/placeholder", {"text": "\u2060"})
    assert refused.status_code in {400, 404}
