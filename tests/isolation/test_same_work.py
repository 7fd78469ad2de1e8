"""A neighbour's thing costs the database exactly what an id costs that nobody has.

A clock would tell the two apart only where the work differs. So it is the work that is compared:
every statement that a call executes, in every thread, in order.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from tests.customer import Customer, new_address
from tests.forging import forge
from tests.isolation import routes
from tests.isolation.neighbours import Neighbours, unknown
from tests.isolation.routes import Route
from tests.isolation.watching import Watch, asked

pytestmark = pytest.mark.usefixtures("committed_db")

Values = dict[str, str]


@pytest.fixture(scope="module")
def neighbours(django_db_setup: None, django_db_blocker: Any) -> Neighbours:
    """Two tenants; they are called in this process."""
    with django_db_blocker.unblock():
        return Neighbours("")


def call(route: Route, values: Values, own: Values, headers: dict[str, str]) -> int:
    """What the route answers, by its status alone."""
    return int(asked(route, values, route.body(own), headers).status_code)


def work_of(watch: Watch, attempt: Callable[[Values], int], *subjects: Values) -> list[str]:
    """What each subject takes, which must be the same; it is refused as unknown each time."""
    # What is remembered from one call to the next is remembered before.
    attempt(subjects[-1])
    works = []
    for values in (*subjects, *reversed(subjects)):
        with watch.listening() as heard:
            status = attempt(values)
        works.append((status, heard))
    assert works[0][0] in (401, 404)
    assert works == [works[0]] * len(works)
    return works[0][1]


def with_ids(found: list[Route]) -> pytest.MarkDecorator:
    """One test for each route that names a thing of a tenant's."""
    wanted = [route for route in found if set(route.parameters) - routes.NO_IDS]
    return pytest.mark.parametrize("route", wanted, ids=str)


def nobodys(neighbours: Neighbours) -> Values:
    """Ids that nobody has, by parameter."""
    return {name: unknown(name) for name in neighbours.things}


@with_ids(routes.ADMIN)
def test_a_key_that_asks_for_a_neighbours_thing(
    neighbours: Neighbours, watch: Watch, route: Route
) -> None:
    def attempt(values: Values) -> int:
        return call(route, values, neighbours.own, {"X-API-Key": neighbours.key})

    heard = work_of(watch, attempt, neighbours.things, nobodys(neighbours))
    assert any(sql.startswith("SELECT") for sql in heard), "it must have been looked up"


@with_ids(routes.SERVICE)
def test_the_operators_calls_for_another_tenants_thing(
    neighbours: Neighbours, watch: Watch, route: Route
) -> None:
    def attempt(values: Values) -> int:
        return call(route, values, {}, {"X-Internal-Auth": settings.SERVICE_TOKEN})

    assert work_of(watch, attempt, neighbours.things, nobodys(neighbours))


CUSTOMERS = [
    Route(method, pattern, None)
    for pattern, methods in routes.CUSTOMER.items()
    for method in methods
]
each_customers = pytest.mark.parametrize("route", CUSTOMERS, ids=str)


def holder(neighbours: Neighbours, conversation_id: str) -> Customer:
    """Whose token is ours and for this conversation, whoever's it is."""
    return Customer(
        web="",
        conversation_id=conversation_id,
        token="",
        codename="",
        tenant_id=str(neighbours.mine.pk),
        address=new_address(),
    )


@each_customers
def test_a_customer_with_a_token_for_something_else(
    neighbours: Neighbours, watch: Watch, route: Route
) -> None:
    """Another conversation of one's own tenant, a neighbour's, and none: all the same."""
    elsewhere = unknown("conversation_id").replace("a", "b")
    token = forge(holder(neighbours, elsewhere))
    headers = {"Authorization": f"Bearer {token}", "X-Tenant-ID": neighbours.mine.slug}
    for sent in (headers, {"X-Tenant-ID": neighbours.mine.slug}):
        work_of(
            watch,
            lambda values, sent=sent: call(route, values, {}, sent),  # type: ignore[misc]
            neighbours.own,
            neighbours.things,
            nobodys(neighbours),
        )


@each_customers
def test_a_token_that_names_what_its_tenant_has_not(
    neighbours: Neighbours, watch: Watch, route: Route
) -> None:
    """Nobody holds one, for we sign none; it is how far a call could get."""

    def attempt(values: Values) -> int:
        token = forge(holder(neighbours, values["conversation_id"]))
        return call(route, values, {}, {"Authorization": f"Bearer {token}"})

    heard = work_of(watch, attempt, neighbours.things, nobodys(neighbours))
    assert any("conversations_conversation" in sql for sql in heard)


def test_an_id_that_is_permission_enough_in_the_default_tenant(
    neighbours: Neighbours, watch: Watch
) -> None:
    history = Route("GET", "v1/conversations/<uuid:conversation_id>/messages", None)
    heard = work_of(
        watch,
        lambda values: call(history, values, {}, {}),
        neighbours.things,
        nobodys(neighbours),
    )
    assert any("conversations_conversation" in sql for sql in heard)
