"""The outbox in the console."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from outbox import services
from outbox.models import Lane, OutboxItem
from outbox.tests.office import Letter
from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tests.staff import audited, words

LIST = "admin:outbox_outboxitem_changelist"


@pytest.fixture
def item(workspace: Tenant) -> OutboxItem:
    """An effect that holds somebody's words."""
    return promised(workspace)


def promised(workspace: Tenant) -> OutboxItem:
    """An effect of its own."""
    name = str(uuid4())
    with tenant_scope(workspace.pk) as tenant:
        effect = services.Effect(
            kind="test.post",
            # As real keys do, it begins with a word: a search for a number must not find it.
            ordering_key=f"test:{name}",
            idempotency_key=name,
            lane=Lane.COSMETIC,
            payload=Letter(conversation=name, text="Where is my stapler?"),
        )
        services.enqueue(tenant=tenant, effects=[effect])
        return OutboxItem.objects.get(idempotency_key=name)


def page_of(item: OutboxItem) -> str:
    """Where it is shown."""
    return reverse("admin:outbox_outboxitem_change", args=[item.pk])


def change(item: OutboxItem, **values: object) -> None:
    """Put it into a state that only a worker would."""
    with tenant_scope(item.tenant_id):
        OutboxItem.objects.filter(pk=item.pk).update(**values)


def status_of(item: OutboxItem) -> str:
    """What the database says now."""
    with tenant_scope(item.tenant_id):
        return OutboxItem.objects.get(pk=item.pk).status


def test_the_payload_is_shown_without_texts_unless_asked(console: Client, item: OutboxItem) -> None:
    page = words(console.get(page_of(item)))
    assert "stapler" not in page
    assert "hidden (20 characters)" in page
    assert item.ordering_key in page
    assert "stapler" in words(console.get(page_of(item), {"payload": "1"}))


def test_a_dead_item_is_tried_again(console: Client, staff: User, item: OutboxItem) -> None:
    change(item, status=OutboxItem.Status.DEAD, attempts=7)
    console.post(page_of(item).replace("/change/", "/retry/"))
    assert status_of(item) == OutboxItem.Status.PENDING
    assert [entry.object_id for entry in audited("outbox.retried", by=staff)] == [str(item.pk)]


def test_discarding_says_what_is_lost(console: Client, staff: User, item: OutboxItem) -> None:
    address = page_of(item).replace("/change/", "/discard/")
    assert "the agents do not see it in Telegram" in words(console.get(address))
    assert status_of(item) == OutboxItem.Status.PENDING
    console.post(address)
    assert status_of(item) == OutboxItem.Status.DISCARDED
    assert len(audited("outbox.discarded", by=staff)) == 1


def test_what_is_under_way_cannot_be_discarded(console: Client, item: OutboxItem) -> None:
    change(item, lease=uuid4())
    answer = console.post(page_of(item).replace("/change/", "/discard/"), follow=True)
    assert "being attempted right now" in words(answer)
    assert status_of(item) == OutboxItem.Status.PENDING


def test_finished_items_offer_nothing(console: Client, item: OutboxItem) -> None:
    change(item, status=OutboxItem.Status.DONE)
    html = console.get(page_of(item)).content.decode()
    assert "/retry/" not in html
    assert "/discard/" not in html


def test_several_are_tried_again_after_one_question(
    console: Client, staff: User, workspace: Tenant
) -> None:
    items = [promised(workspace), promised(workspace)]
    for item in items:
        change(item, status=OutboxItem.Status.DEAD)
    form = {"action": "retry_selected", "_selected_action": [str(item.pk) for item in items]}
    assert "Try again?" in words(console.post(reverse(LIST), form))
    console.post(reverse(LIST), {**form, "confirmed": "1"})
    assert {status_of(item) for item in items} == {OutboxItem.Status.PENDING}
    assert len(audited("outbox.retried", by=staff)) == 2


def test_the_list_is_filtered_by_status(console: Client, workspace: Tenant) -> None:
    waiting, dead = promised(workspace), promised(workspace)
    change(dead, status=OutboxItem.Status.DEAD)

    def shown(**query: str) -> list[int]:
        # Of one tenant: the processes of the run may write into others meanwhile.
        of_one = {"tenant__id__exact": str(workspace.pk), **query}
        rows = console.get(reverse(LIST), of_one).context["cl"].result_list
        return [row.pk for row in rows]

    assert shown() == [dead.pk, waiting.pk]
    assert shown(state="dead") == [dead.pk]
    assert shown(state="pending") == [waiting.pk]
    assert shown(state="late") == []
    assert shown(q=str(waiting.pk)) == [waiting.pk]
