"""A tenant's server manages the tenant's keys."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from kernel.clock import iso_ms
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused


def test_a_key_is_shown_once_and_works(acme: Server) -> None:
    answer = acme.post("api-keys", {"name": "Shop", "scopes": ["keys:write"]})
    issued = answer.json()
    assert answer.status_code == 201
    assert issued["key"].startswith(issued["prefix"])
    mine = Server(acme.base_url, acme.tenant, issued["key"])
    listed = mine.get("api-keys").json()["data"]
    assert issued["id"] in [key["id"] for key in listed]
    assert issued["key"] not in acme.get("api-keys").text
    assert acme.get(f"api-keys/{issued['id']}").json()["last_used_at"] is not None


def test_a_rotated_key_overlaps_and_a_revoked_one_ends_at_once(acme: Server) -> None:
    old = acme.post("api-keys", {"name": "Shop", "scopes": ["keys:write"]}).json()
    rotated = acme.post(f"api-keys/{old['id']}/rotate", {"overlap_seconds": 60})
    assert rotated.status_code == 201
    first = Server(acme.base_url, acme.tenant, old["key"])
    second = Server(acme.base_url, acme.tenant, rotated.json()["key"])
    assert first.get("api-keys").status_code == second.get("api-keys").status_code == 200
    assert acme.delete(f"api-keys/{old['id']}").json()["revoked_at"] is not None
    assert_refused(first.get("api-keys"), 401, "invalid_api_key")
    assert_refused(acme.post(f"api-keys/{old['id']}/rotate"), 409, "api_key_not_active")


def test_a_key_gives_away_only_what_it_holds(acme: Server) -> None:
    narrow = acme.with_scopes("keys:write")
    refused = narrow.post("api-keys", {"name": "More", "scopes": ["admin:write"]})
    assert_refused(refused, 403, "insufficient_scope")


def test_a_bounded_key_makes_no_unbounded_one(acme: Server) -> None:
    end = iso_ms(timezone.now() + timedelta(hours=1))
    wish = {"name": "Shop", "scopes": ["keys:write"]}
    bounded = acme.post("api-keys", wish | {"expires_at": end, "rate_limit_points": 50}).json()
    mine = Server(acme.base_url, acme.tenant, bounded["key"])
    for said in ({}, {"expires_at": None, "rate_limit_points": None}):
        made = mine.post("api-keys", wish | said).json()
        assert (made["expires_at"], made["rate_limit_points"]) == (end, 50)
    for beyond in ({"expires_at": "2999-01-01T00:00:00Z"}, {"rate_limit_points": 0}):
        refused = assert_refused(mine.post("api-keys", wish | beyond), 403, "forbidden")
        assert refused["details"]["field"] in beyond
    rotated = mine.post(f"api-keys/{bounded['id']}/rotate").json()
    assert (rotated["expires_at"], rotated["rate_limit_points"]) == (end, 50)


def test_the_scope_that_is_missing_is_named(acme: Server) -> None:
    refused = acme.with_scopes("audit:read").get("api-keys")
    assert assert_refused(refused, 403, "insufficient_scope")["details"] == {
        "required": "keys:write"
    }


def test_what_is_wrong_with_a_wish_is_said_by_field(acme: Server) -> None:
    for wish, field in (
        ({"scopes": ["keys:write"]}, "name"),
        ({"name": "Shop", "scopes": ["everything"]}, "scopes"),
        ({"name": "Shop", "scopes": []}, "scopes"),
        ({"name": "Shop", "scopes": ["keys:write"], "expires_at": "yesterday"}, "expires_at"),
        ({"name": "Shop", "scopes": ["keys:write"], "tenant_id": str(uuid4())}, "tenant_id"),
    ):
        error = assert_refused(acme.post("api-keys", wish), 400, "invalid_parameter")
        assert field in (*error["details"], error["details"].get("field"))


def test_another_tenants_key_is_unknown(acme: Server, globex: Server) -> None:
    theirs = globex.post("api-keys", {"name": "Shop", "scopes": ["keys:write"]}).json()["id"]
    for answer in (
        acme.get(f"api-keys/{theirs}"),
        acme.delete(f"api-keys/{theirs}"),
        acme.post(f"api-keys/{theirs}/rotate"),
        acme.get(f"api-keys/{uuid4()}"),
    ):
        assert_refused(answer, 404, "api_key_not_found")
    assert theirs not in acme.get("api-keys").text


def test_the_list_comes_in_pages(acme: Server) -> None:
    names = [f"Key {number}" for number in range(5)]
    for name in names:
        acme.post("api-keys", {"name": name, "scopes": ["keys:write"]})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = acme.get(f"api-keys?limit=2&cursor={cursor}").json()
        seen += [key["name"] for key in page["data"]]
        cursor = page["next_cursor"]
    assert seen == [*reversed(names), "Tests"]
