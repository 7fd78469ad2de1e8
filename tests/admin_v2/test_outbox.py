"""A tenant's server looks after what is promised to the outside world."""

from uuid import uuid4

import pytest

from outbox import services
from outbox.models import Lane, OutboxItem
from outbox.services import Effect
from outbox.tests.office import Letter
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

WORDS = "Where is my stapler?"


def effect(server: Server, kind: str = "test.post", **values: object) -> int:
    """An item that no worker touches, in the state that only a worker would bring about."""
    name = uuid4().hex
    with tenant_scope(server.tenant.pk) as tenant:
        one = Effect(
            kind=kind,
            ordering_key=f"test:{name}",
            idempotency_key=name,
            lane=Lane.COSMETIC,
            payload=Letter(conversation=name, text=WORDS),
        )
        services.enqueue(tenant=tenant, effects=[one])
        items = OutboxItem.objects.filter(idempotency_key=name)
        # Dead from the beginning, lest the drain of the stage tries it meanwhile.
        items.update(**{"status": OutboxItem.Status.DEAD, "last_error": "Nobody home.", **values})
        return items.get().pk


def test_the_newest_come_first_and_nobody_s_words_with_them(acme: Server) -> None:
    first, second = effect(acme), effect(acme)
    answer = acme.get("outbox")
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert [row["id"] for row in rows] == [second, first]
    assert rows[0]["last_error"] == "Nobody home."
    assert rows[0]["payload"]["text"] == f"hidden ({len(WORDS)} characters)"
    assert rows[0]["is_payload_redacted"] is True
    assert WORDS not in answer.text


def test_words_are_for_keys_that_may_do_everything_and_ask(acme: Server) -> None:
    item_id = effect(acme)
    assert acme.get(f"outbox/{item_id}?include_payload=1").json()["payload"]["text"] == WORDS
    assert WORDS in acme.get("outbox?include_payload=1").text
    assert WORDS not in acme.get(f"outbox/{item_id}?include_payload=0").text
    reader = acme.with_scopes("admin:read")
    assert reader.get(f"outbox/{item_id}").status_code == 200
    for path in (f"outbox/{item_id}?include_payload=1", "outbox?include_payload=1"):
        error = assert_refused(reader.get(path), 403, "insufficient_scope")
        assert error["details"] == {"required": "admin:write"}


def test_the_list_is_narrowed_down(acme: Server) -> None:
    dead = effect(acme)
    other = effect(acme, kind="test.other", lane=Lane.TOPIC)
    done = effect(acme, status=OutboxItem.Status.DONE)

    def found(query: str) -> list[int]:
        return [row["id"] for row in acme.get(f"outbox?{query}").json()["data"]]

    assert found("status=DONE") == [done]
    assert found("status=DEAD") == [other, dead]
    assert found("kind=test.other") == found("lane=topic") == [other]
    assert found("kind=nothing") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=LOST", "status"), ("lane=fast", "lane"), ("include_payload=yes", "include_payload")],
)
def test_a_filter_that_does_not_exist_is_named(acme: Server, query: str, field: str) -> None:
    error = assert_refused(acme.get(f"outbox?{query}"), 400, "invalid_parameter")
    assert error["details"]["field"] == field


def test_the_list_comes_in_pages(acme: Server) -> None:
    made = [effect(acme) for _ in range(3)]
    page = acme.get("outbox?limit=2").json()
    rest = acme.get(f"outbox?limit=2&cursor={page['next_cursor']}").json()
    assert [row["id"] for row in page["data"] + rest["data"]] == made[::-1]
    assert rest["next_cursor"] is None


def test_a_dead_item_is_tried_again_or_given_up_and_the_trail_says_so(acme: Server) -> None:
    dead, unwanted = effect(acme), effect(acme)
    retried = acme.post(f"outbox/{dead}/retry")
    assert (retried.status_code, retried.json()["status"]) == (200, "PENDING")
    assert retried.json()["attempts"] == 0
    discarded = acme.post(f"outbox/{unwanted}/discard")
    assert (discarded.status_code, discarded.json()["status"]) == (200, "DISCARDED")
    with tenant_scope(acme.tenant.pk):
        trail = AuditEntry.objects.filter(object_type="outbox_item").values_list(
            "action", "object_id", "actor_kind"
        )
        assert set(trail) == {
            ("outbox.retried", str(dead), "api_key"),
            ("outbox.discarded", str(unwanted), "api_key"),
        }


def test_what_is_finished_or_under_way_stays_as_it_is(acme: Server) -> None:
    done = effect(acme, status=OutboxItem.Status.DONE)
    under_way = effect(acme, lease=uuid4())
    for item_id in (done, under_way):
        for what in ("retry", "discard"):
            assert_refused(acme.post(f"outbox/{item_id}/{what}"), 409, "outbox_item_not_open")


def test_only_keys_for_everything_change_anything(acme: Server) -> None:
    item_id = effect(acme)
    reader = acme.with_scopes("admin:read")
    for what in ("retry", "discard"):
        error = assert_refused(reader.post(f"outbox/{item_id}/{what}"), 403, "insufficient_scope")
        assert error["details"] == {"required": "admin:write"}
    error = assert_refused(
        acme.with_scopes("settings:read").get("outbox"), 403, "insufficient_scope"
    )
    assert error["details"] == {"required": "admin:read"}


def test_another_tenants_items_are_unknown(acme: Server, globex: Server) -> None:
    theirs = effect(globex)
    for item_id in (theirs, 2**62, 10**40):
        assert_refused(acme.get(f"outbox/{item_id}"), 404, "outbox_item_not_found")
        assert_refused(acme.post(f"outbox/{item_id}/retry"), 404, "outbox_item_not_found")
        assert_refused(acme.post(f"outbox/{item_id}/discard"), 404, "outbox_item_not_found")
    assert acme.get("outbox").json()["data"] == []
