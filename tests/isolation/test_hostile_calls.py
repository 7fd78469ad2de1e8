"""Every call of the v2 admin API with more in it than was asked for."""

import re
from functools import cache
from typing import Any

import pytest
import yaml

from chatorical.openapi.document import openapi_yaml
from tests.isolation import routes
from tests.isolation.neighbours import Neighbours, unknown
from tests.isolation.routes import Route
from tests.isolation.watching import Watch, asked, text_of
from tests.isolation.written import written_for

pytestmark = pytest.mark.usefixtures("committed_db")

BITE = "zq'; DROP TABLE x; --"
# Names that list calls of other products sort and narrow by.
GUESSED = ("ordering", "order_by", "sort", "fields", "tenant", "tenant_id", "tenant__slug", "t")
# Fields of bodies that name things by their ids, and where it is tried that these are one's own.
# The values of BODIES that are names of parameters are swapped here, one by one.
NAMING = {
    "POST /v2/admin/conversations/{conversation_id}/claim agent_id": "below",
    "POST /v2/admin/conversations/{conversation_id}/messages agent_id": "below",
    "POST /v2/admin/conversations/{conversation_id}/remarks agent_id": "below",
    "POST /v2/admin/conversations/{conversation_id}/thread thread_id": "admin_v2/test_replies.py",
    "POST /v2/admin/conversations/{conversation_id}/typing agent_id": "below",
    "POST /v2/admin/conversations/bulk-delete ids": "admin_v2/test_privacy.py",
}


@pytest.fixture(scope="module")
def neighbours(django_db_setup: None, django_db_blocker: Any) -> Neighbours:
    """Two tenants for all calls."""
    with django_db_blocker.unblock():
        return Neighbours("")


@cache
def document() -> dict[str, Any]:
    """The API's description."""
    described: dict[str, Any] = yaml.safe_load(openapi_yaml())
    return described


def test_fields_that_name_other_things_are_known() -> None:
    described = document()
    found = set()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/v2/admin/") or method == "parameters":
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            name = schema.get("$ref", "").rpartition("/")[2]
            fields = described["components"]["schemas"].get(name, schema).get("properties", {})
            found |= {f"{method.upper()} {path} {field}" for field in fields if _names(field)}
    # The messenger's own ids, which are not ours to name.
    found = {line for line in found if line.split()[-1] not in {"channel_user_id", "chat_id"}}
    assert found == NAMING.keys()


def _names(field: str) -> bool:
    return field in ("id", "ids", "tenant") or field.endswith(("_id", "_ids"))


WRITES = [route for route in routes.ADMIN if route.method != "GET"]


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_no_field_moves_a_call_to_another_tenant(neighbours: Neighbours, route: Route) -> None:
    if route.method == "DELETE":
        # It takes no body, and takes one's own things away.
        neighbours = Neighbours("")
    theirs = neighbours.theirs
    before = written_for(theirs)
    for name, value in {
        "tenant": theirs.slug,
        "tenant_id": str(theirs.pk),
        "id": neighbours.things["conversation_id"],
        "conversation_id": neighbours.things["conversation_id"],
    }.items():
        answer = asked(
            route,
            neighbours.own,
            {**(route.body(neighbours.own) or {}), name: value},
            {"X-API-Key": neighbours.key},
        )
        assert answer.status_code < 500
        if route.method != "DELETE":
            assert answer.status_code in (400, 404, 409), "what it does not know is refused"
    assert written_for(theirs) == before
    ours = "".join(written_for(neighbours.mine).values())
    assert str(theirs.pk) not in ours
    assert not any(thing in ours for thing in neighbours.things.values() if "-" in thing)


SWAPS = [
    (route, field)
    for route in WRITES
    for field, value in routes.BODIES.get(str(route), {}).items()
    if value in routes.SAMPLES
]


@pytest.mark.parametrize(("route", "field"), SWAPS, ids=str)
def test_a_neighbours_id_in_a_body_is_unknown(
    neighbours: Neighbours, watch: Watch, route: Route, field: str
) -> None:
    kind = routes.BODIES[str(route)][field]
    before = written_for(neighbours.theirs), written_for(neighbours.mine)
    answers = []
    # The first one is for what is remembered from one call to the next.
    for value in (unknown(kind), neighbours.things[kind], unknown(kind)):
        body = {**(route.body(neighbours.own) or {}), field: value}
        with watch.listening() as heard:
            answer = asked(route, neighbours.own, body, {"X-API-Key": neighbours.key})
        answers.append((answer.status_code, answer.json()["error"]["code"], heard))
    assert answers[1] == answers[2]
    assert answers[1][0] in (400, 404)
    assert (written_for(neighbours.theirs), written_for(neighbours.mine)) == before


READS = [route for route in routes.ADMIN if route.method == "GET"]


@pytest.mark.parametrize("route", READS, ids=str)
def test_a_query_is_words_and_narrows_only_by_what_is_offered(
    neighbours: Neighbours, watch: Watch, route: Route
) -> None:
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern)
    offered = document()["paths"][path.replace("//", "/")]["get"].get("parameters", [])
    names = {one["name"] for one in offered if one.get("in") == "query"}
    for name in sorted(names | set(GUESSED)):
        with watch.listening() as heard:
            answer = asked(
                route, neighbours.own, None, {"X-API-Key": neighbours.key}, **{name: BITE}
            )
            shown = text_of(answer)
        assert answer.status_code in (200, 400, 404), name
        assert not any("zq'" in sql for sql in heard), "a value has become a statement"
        for thing in (neighbours.theirs.slug, str(neighbours.theirs.pk)):
            assert thing not in shown
        assert not any(thing in shown for thing in neighbours.things.values() if "-" in thing)
