"""Legal holds: placed, seen, enforced wherever something could be deleted, and lifted."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from conversations.models import Conversation
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import path, visit
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer
from tests.operator import operator_of

DELETE = "conversations/bulk-delete"


def hold(server: Server, customer: Customer, reason: str = "Case 7/2026") -> None:
    """Place one."""
    answer = server.put(path(customer, "legal-hold"), {"reason": reason})
    assert answer.status_code == 200, answer.text


def exists(server: Server, customer: Customer) -> bool:
    return bool(server.get(path(customer)).status_code == 200)


def test_a_hold_is_shown_with_its_reason(acme: Server) -> None:
    mara = visit(acme, name="Mara")
    assert acme.get(path(mara)).json()["legal_hold"] is None
    before = timezone.now() - timedelta(seconds=1)
    answer = acme.put(path(mara, "legal-hold"), {"reason": "  Case\n 7/2026 "})
    shown = answer.json()["legal_hold"]
    assert shown["reason"] == "Case 7/2026"
    assert datetime.fromisoformat(shown["since"]) > before
    assert acme.get(path(mara)).json() == answer.json()
    assert answer.headers["ETag"] == acme.get(path(mara)).headers["ETag"]
    again = acme.put(path(mara, "legal-hold"), {"reason": "Case 8/2026"}).json()["legal_hold"]
    assert again == {"since": shown["since"], "reason": "Case 8/2026"}
    for _ in range(2):
        assert acme.delete(path(mara, "legal-hold")).json()["legal_hold"] is None
    with tenant_scope(acme.tenant.pk):
        trail = AuditEntry.objects.filter(object_id=mara.conversation_id).order_by("at")
        noted = [(entry.action, entry.changes, entry.actor_kind) for entry in trail][1:]
    assert noted == [
        ("conversation.legal_hold_placed", {"reason": "Case 7/2026"}, "api_key"),
        ("conversation.legal_hold_placed", {"reason": "Case 8/2026"}, "api_key"),
        ("conversation.legal_hold_lifted", {}, "api_key"),
    ]


def test_holds_can_be_listed(acme: Server) -> None:
    held, free = visit(acme), visit(acme)
    hold(acme, held)

    def listed(query: str) -> list[str]:
        rows = acme.get(f"conversations?{query}").json()["data"]
        return [row["id"] for row in rows]

    assert listed("legal_hold=true") == [held.conversation_id]
    assert listed("legal_hold=false") == [free.conversation_id]
    assert set(listed("")) == {held.conversation_id, free.conversation_id}
    refused = acme.get("conversations?legal_hold=perhaps")
    assert list(assert_refused(refused, 400, "invalid_parameter")["details"]) == ["legal_hold"]


@pytest.mark.parametrize("body", [{}, {"reason": 7}, {"reason": None}, {"reason": "x", "y": 1}])
def test_a_hold_wants_a_reason(acme: Server, body: dict[str, object]) -> None:
    mara = visit(acme)
    assert_refused(acme.put(path(mara, "legal-hold"), body), 400, "invalid_parameter")
    assert acme.get(path(mara)).json()["legal_hold"] is None


@pytest.mark.parametrize("reason", ["", " \n", "\u200b", "…", "x" * 201])
def test_a_reason_can_be_read(acme: Server, reason: str) -> None:
    mara = visit(acme)
    answer = acme.put(path(mara, "legal-hold"), {"reason": reason})
    assert answer.status_code == 400, answer.text
    assert "reason" in str(answer.json()["error"]["details"])
    assert acme.get(path(mara)).json()["legal_hold"] is None


def test_what_is_held_is_not_deleted_by_its_address(acme: Server) -> None:
    mara = visit(acme)
    hold(acme, mara)
    for answer in (acme.delete(path(mara)), acme.post(path(mara, "erase"))):
        error = assert_refused(answer, 409, "legal_hold")
        assert error["details"]["reason"] == "Case 7/2026"
        assert "Case 7/2026" in error["message"]
        assert "Lift the hold first" in error["message"]
    assert exists(acme, mara)
    acme.delete(path(mara, "legal-hold"))
    assert acme.post(path(mara, "erase")).json()["erased"] is True
    assert not exists(acme, mara)


def test_bulk_deletions_pass_it_over_and_say_so(acme: Server) -> None:
    held, one, other = (visit(acme) for _ in range(3))
    hold(acme, held)
    by_id = acme.post(DELETE, {"ids": [held.conversation_id, one.conversation_id]})
    assert by_id.json() == {"deleted": 1, "on_legal_hold": 1}
    by_status = acme.post(DELETE, {"status": "open"})
    assert by_status.json() == {"deleted": 1, "on_legal_hold": 1}
    assert (exists(acme, held), exists(acme, other)) == (True, False)


def test_the_old_bulk_deletion_passes_it_over_and_does_not_count_it(
    shop: Server, stage: Stage
) -> None:
    held, other = stage.customer(), stage.customer()
    hold(shop, held)
    operator = operator_of(stage)
    ids = [held.conversation_id, other.conversation_id]
    assert operator.post("/v1/admin/conversations/bulk-delete", ids=ids) == {"deleted": 1}
    assert (exists(shop, held), exists(shop, other)) == (True, False)
    operator.post("/v1/moderation/close", id=held.conversation_id)
    operator.post("/v1/admin/conversations/bulk-delete", status="closed")
    assert exists(shop, held)
    shop.delete(path(held, "legal-hold"))
    assert operator.post("/v1/admin/conversations/bulk-delete", ids=ids) == {"deleted": 1}


def test_life_goes_on_under_a_hold(acme: Server) -> None:
    mara = visit(acme)
    hold(acme, mara)
    mara.send("Still here")
    acme.post(path(mara, "close"))
    shown = acme.get(path(mara)).json()
    assert (shown["status"], shown["legal_hold"]["reason"]) == ("CLOSED", "Case 7/2026")
    assert shown["closed_at"] is not None
    mara.send("And again")
    assert acme.get(path(mara)).json()["closed_at"] is None
    acme.post(path(mara, "block"))
    assert acme.get(path(mara)).json()["closed_at"] is None


def test_another_version_is_left_alone(acme: Server) -> None:
    mara = visit(acme)
    known = acme.get(path(mara)).headers["ETag"]
    acme.patch(path(mara), {"note": "Changed meanwhile"})
    answer = acme.put(path(mara, "legal-hold"), {"reason": "Case 7"}, If_Match=known)
    assert_refused(answer, 412, "precondition_failed")
    with tenant_scope(acme.tenant.pk):
        stored = Conversation.objects.get(pk=mara.conversation_id)
    assert not stored.is_on_legal_hold


def test_a_hold_is_no_activity(acme: Server) -> None:
    mara = visit(acme)
    before = acme.get(path(mara)).json()["updated_at"]
    versions = {acme.get(path(mara)).headers["ETag"]}
    for reason in ("Case 7", "Case 8"):
        answer = acme.put(path(mara, "legal-hold"), {"reason": reason})
        assert answer.json()["updated_at"] == before
        assert answer.headers["ETag"] not in versions
        versions.add(answer.headers["ETag"])
    assert acme.delete(path(mara, "legal-hold")).json()["updated_at"] == before
    assert acme.get(path(mara)).json()["updated_at"] == before


def test_who_may_place_a_hold_may_not_lift_it(acme: Server) -> None:
    mara = visit(acme)
    writer = acme.with_scopes("conversations:read", "conversations:write")
    hold(writer, mara)
    refused = assert_refused(writer.delete(path(mara, "legal-hold")), 403, "insufficient_scope")
    assert refused["details"] == {"required": "admin:write"}
    assert acme.get(path(mara)).json()["legal_hold"] is not None
