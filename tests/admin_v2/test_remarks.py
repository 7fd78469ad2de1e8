"""A tenant's server talks to colleagues about a conversation, behind the customer's back."""

from itertools import count

import pytest

from channels_telegram.tests.cases import Case, open_case
from tenants.models import Tenant
from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import new_agent, path
from tests.answers import assert_refused
from tests.cast import setting
from tests.conftest import Stage

SECRET = "INTERNAL"
_telegram_ids = count(991_001)


@pytest.fixture
def case(stage: Stage) -> Case:
    """A customer who has written, and their topic."""
    return open_case(stage)


def test_remarks_of_the_topic_and_of_a_server_are_one_list(shop: Server, case: Case) -> None:
    toms = new_agent(shop, "Toms", next(_telegram_ids))["id"]
    case.write("Greg", f"// {SECRET} he was here last week")
    case.settled()
    made = shop.post(
        path(case.customer, "remarks"), {"text": f" {SECRET} see order 17 ", "agent_id": toms}
    )
    assert made.status_code == 201
    unsigned = shop.post(path(case.customer, "remarks"), {"text": f"{SECRET} paid twice"}).json()
    assert (unsigned["agent"], unsigned["edited_at"]) == (None, None)
    case.told(f"Toms (remark, by API): {SECRET} see order 17")
    case.told(f"Remark, by API: {SECRET} paid twice")
    listed = shop.get(path(case.customer, "remarks")).json()["data"]
    assert [(row["agent"] or {}).get("display_name") for row in listed] == [None, "Toms", "Greg"]
    assert [row["text"] for row in listed] == [
        f"{SECRET} paid twice",
        f"{SECRET} see order 17",
        f"{SECRET} he was here last week",
    ]
    pages = shop.get(path(case.customer, "remarks?limit=2")).json()
    more = f"remarks?cursor={pages['next_cursor']}"
    rest = shop.get(path(case.customer, more)).json()
    assert [*pages["data"], *rest["data"]] == listed


def test_no_file_and_no_call_for_customers_holds_a_remark(shop: Server, case: Case) -> None:
    shop.post(path(case.customer, "remarks"), {"text": f"{SECRET} difficult"})
    told = [case.customer.history(), shop.get(path(case.customer, "messages")).json()]
    files = [
        shop.get(path(case.customer, name)).text
        for name in ("export.csv", "export.json", "personal-data")
    ]
    assert SECRET not in f"{told} {files}"


def test_bad_remarks_are_refused(shop: Server, acme: Server, case: Case) -> None:
    remarks = path(case.customer, "remarks")
    assert_refused(shop.post(remarks, {"text": " "}), 400, "invalid_text")
    assert_refused(shop.post(remarks, {"text": "x" * 4001}), 400, "text_too_long")
    assert_refused(acme.post(remarks, {"text": "x"}), 404, "conversation_not_found")
    assert_refused(acme.get(remarks), 404, "conversation_not_found")
    stranger = {"text": "x", "agent_id": "00000000-0000-4000-8000-000000000000"}
    assert_refused(shop.post(remarks, stranger), 404, "agent_not_found")
    assert shop.get(remarks).json()["data"] == []


def test_only_the_claimer_answers(shop: Server, case: Case, default_tenant: Tenant) -> None:
    toms, inga = (new_agent(shop, name, next(_telegram_ids))["id"] for name in ("Toms", "Inga"))
    shop.post(path(case.customer, "claim"), {"agent_id": toms})
    messages = path(case.customer, "messages")
    with setting(default_tenant, "replies.from", "claimer"):
        refused = shop.post(messages, {"text": "No.", "agent_id": inga})
        assert_refused(refused, 409, "not_the_claimer")
        assert shop.post(messages, {"text": "Yes.", "agent_id": toms}).status_code == 201
        # A program that names nobody speaks for whoever has it.
        assert shop.post(messages, {"text": "Now."}).status_code == 201
    assert shop.post(messages, {"text": "Bye.", "agent_id": inga}).status_code == 201
    assert case.history()[1:] == ["Yes.", "Now.", "Bye."]
