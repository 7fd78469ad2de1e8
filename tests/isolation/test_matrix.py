"""Every route, driven by everybody who must not get through it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from tenants.api_keys import scopes
from tenants.api_keys.scopes import Scope
from tests.admin_v2.conftest import new_key
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import Customer, arrive
from tests.isolation import routes
from tests.isolation.neighbours import Neighbours, unknown
from tests.isolation.routes import Route
from tests.operator import Operator


def each(found: list[Route]) -> pytest.MarkDecorator:
    """One test for each route, named after it."""
    return pytest.mark.parametrize("route", found, ids=str)


@pytest.fixture(scope="module")
def neighbours(stage: Stage, django_db_blocker: Any) -> Neighbours:
    """Two tenants for all the routes."""
    with django_db_blocker.unblock():
        return Neighbours(stage.web)


def needed(route: Route) -> Scope:
    """The scope that the call wants."""
    view = route.view
    writing = getattr(view, "writing", None) or view.reading
    if route.method == "DELETE":
        writing = getattr(view, "deleting", None) or writing
    return view.reading if route.method == "GET" else writing  # type: ignore[no-any-return]


def test_every_route_is_in_the_matrix() -> None:
    listed = {route.pattern for route in routes.ADMIN + routes.PLATFORM + routes.SERVICE}
    listed |= routes.CUSTOMER.keys() | routes.OPEN.keys()
    found = {pattern for pattern, _ in routes.addresses() if not pattern.startswith("admin/")}
    assert listed == found


def test_every_parameter_has_a_sample() -> None:
    used = {name for route in routes.ADMIN + routes.SERVICE for name in route.parameters}
    assert used - routes.NO_IDS <= routes.SAMPLES.keys()


@each(routes.ADMIN)
@pytest.mark.usefixtures("committed_db")
def test_the_admin_api_wants_a_key_that_works(neighbours: Neighbours, route: Route) -> None:
    now = timezone.now()
    things = neighbours.things
    assert_refused(neighbours.call(route, things), 401, "unauthorized")
    for key in (
        neighbours.ended_key(expires_at=now - timedelta(seconds=1)),
        neighbours.ended_key(revoked_at=now),
        neighbours.key[:-1] + ("a" if neighbours.key[-1] != "a" else "b"),
    ):
        assert_refused(neighbours.call(route, things, X_API_Key=key), 401, "invalid_api_key")


@each(routes.ADMIN)
@pytest.mark.usefixtures("committed_db")
def test_the_admin_api_wants_the_scope(neighbours: Neighbours, route: Route) -> None:
    wanted = needed(route)
    without = [scope for scope in Scope if wanted not in scopes.expand([scope])]
    key = new_key(neighbours.mine, *without)
    answer = neighbours.call(route, neighbours.things, X_API_Key=key)
    assert assert_refused(answer, 403, "insufficient_scope")["details"] == {"required": wanted}


@each([route for route in routes.ADMIN if set(route.parameters) - routes.NO_IDS])
@pytest.mark.usefixtures("committed_db")
def test_the_admin_api_knows_nothing_of_a_neighbours_things(
    neighbours: Neighbours, route: Route
) -> None:
    nobodys = {name: unknown(name) for name in neighbours.things}
    theirs = neighbours.call(route, neighbours.things, X_API_Key=neighbours.key)
    nothing = neighbours.call(route, nobodys, X_API_Key=neighbours.key)
    assert theirs.status_code == 404, f"{theirs.text}: does the call need a body in BODIES?"
    assert (theirs.status_code, theirs.json()) == (nothing.status_code, nothing.json())


@each(routes.ADMIN)
@pytest.mark.usefixtures("committed_db")
def test_a_key_cannot_name_another_tenant(neighbours: Neighbours, route: Route) -> None:
    answer = neighbours.call(
        route,
        neighbours.things,
        X_API_Key=neighbours.key,
        X_Tenant_ID=neighbours.theirs.slug,
    )
    assert_refused(answer, 403, "tenant_mismatch")


@each(routes.PLATFORM + routes.SERVICE)
@pytest.mark.usefixtures("committed_db")
def test_the_operators_calls_want_the_service_token(neighbours: Neighbours, route: Route) -> None:
    things = neighbours.things
    assert_refused(neighbours.call(route, things), 401, "unauthorized")
    wrong = {"X_Internal_Auth": "wrong"}
    assert_refused(neighbours.call(route, things, **wrong), 401, "unauthorized")
    keyed = neighbours.call(route, things, X_API_Key=neighbours.key)
    assert_refused(keyed, 401, "unauthorized")
    swapped = neighbours.call(route, things, X_Internal_Auth=neighbours.key)
    assert_refused(swapped, 401, "unauthorized")


@each(routes.SERVICE)
@pytest.mark.usefixtures("committed_db")
def test_the_service_token_cannot_name_another_tenant(neighbours: Neighbours, route: Route) -> None:
    answer = neighbours.call(
        route,
        neighbours.things,
        X_Internal_Auth=settings.SERVICE_TOKEN,
        X_Tenant_ID=neighbours.theirs.slug,
    )
    assert_refused(answer, 403, "tenant_mismatch")


@each([route for route in routes.SERVICE if route.parameters])
@pytest.mark.usefixtures("committed_db")
def test_v1_admin_is_the_default_tenants_alone(neighbours: Neighbours, route: Route) -> None:
    operator = Operator(neighbours.web)
    theirs = operator.call(route.method, route.path(neighbours.things))
    nothing = operator.call(route.method, route.path({n: unknown(n) for n in route.parameters}))
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json() == nothing.json()


@pytest.mark.parametrize("call", routes.NAMED_IN_BODY)
@pytest.mark.usefixtures("committed_db")
def test_v1_admin_takes_no_neighbours_id_in_a_body(neighbours: Neighbours, call: str) -> None:
    method, path = call.split()
    name, kind = routes.NAMED_IN_BODY[call]
    operator = Operator(neighbours.web)
    theirs = operator.call(method, path, json={name: neighbours.things[kind]})
    nothing = operator.call(method, path, json={name: unknown(kind)})
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json() == nothing.json()


CUSTOMERS = [
    Route(method, pattern, None)
    for pattern, methods in routes.CUSTOMER.items()
    for method in methods
]


@each(CUSTOMERS)
@pytest.mark.usefixtures("committed_db")
def test_a_customer_knows_nothing_of_a_neighbours_conversation(
    neighbours: Neighbours, route: Route
) -> None:
    me: Customer = arrive(neighbours.web, tenant=neighbours.mine.slug)

    def answer(conversation_id: str, token: str | None) -> tuple[int, Any]:
        headers = {"X_Forwarded_For": me.address, "X_Tenant_ID": neighbours.mine.slug}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        response = neighbours.call(route, {"conversation_id": conversation_id}, **headers)
        return response.status_code, response.json()

    theirs, nobodys = neighbours.things["conversation_id"], unknown("conversation_id")
    for token in (me.token, None):
        refused = answer(theirs, token)
        assert refused[0] in (401, 404)
        assert refused == answer(nobodys, token)
