"""A tenant's server says who answers, and under which name."""

from uuid import uuid4

from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import new_agent, path, visit
from tests.answers import assert_refused


def test_an_agent_is_registered_once(acme: Server) -> None:
    first = acme.post("agents", {"channel_user_id": "4711", "display_name": " Ana  K. "})
    assert first.status_code == 201
    assert first.json() == {
        "id": first.json()["id"],
        "channel_user_id": "4711",
        "channel_name": "",
        "display_name": "Ana K.",
        "is_enabled": True,
        "created_at": first.json()["created_at"],
        "updated_at": first.json()["updated_at"],
    }
    again = acme.post("agents", {"channel_user_id": 4711, "display_name": "Ana"})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert acme.get("agents").json() == {"data": [again.json()], "next_cursor": None}
    read = acme.get(f"agents/{first.json()['id']}")
    assert (read.json(), read.headers["ETag"]) == (again.json(), again.headers["ETag"])


def test_the_list_comes_in_pages(acme: Server) -> None:
    for number in range(3):
        new_agent(acme, f"Agent {number}", 100 + number)
    first = acme.get("agents?limit=2").json()
    rest = acme.get(f"agents?limit=2&cursor={first['next_cursor']}").json()
    names = [agent["display_name"] for agent in (*first["data"], *rest["data"])]
    assert names == ["Agent 2", "Agent 1", "Agent 0"]


def test_customers_see_the_name_while_it_is_enabled(acme: Server) -> None:
    ana = new_agent(acme, "Ana", 4711)
    mara = visit(acme)
    acme.post(path(mara, "claim"), {"agent_id": ana["id"]})
    reply = {"text": "Hello", "agent_id": ana["id"]}
    assert acme.post(path(mara, "messages"), reply).json()["agent_name"] == "Ana"
    version = acme.get(f"agents/{ana['id']}").headers["ETag"]
    changed = acme.patch(
        f"agents/{ana['id']}", {"is_enabled": False, "display_name": "Ana B."}, If_Match=version
    )
    assert changed.status_code == 200
    assert (changed.json()["display_name"], changed.json()["is_enabled"]) == ("Ana B.", False)
    assert acme.post(path(mara, "messages"), reply).json()["agent_name"] == "Support"
    late = acme.patch(f"agents/{ana['id']}", {"is_enabled": True}, If_Match=version)
    assert_refused(late, 412, "precondition_failed")
    assert acme.patch(f"agents/{ana['id']}", {"display_name": ""}).json()["display_name"] == ""


def test_what_is_wrong_is_said_by_field(acme: Server) -> None:
    for wish, field in (
        ({"display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": -1, "display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": 10**20, "display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": True, "display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": "@ana", "display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": "04711", "display_name": "Ana"}, "channel_user_id"),
        ({"channel_user_id": 1, "display_name": ""}, "display_name"),
        ({"channel_user_id": 1, "display_name": "x" * 65}, "display_name"),
        ({"channel_user_id": 1, "display_name": "A\u202eB"}, "display_name"),
        ({"channel_user_id": 1, "display_name": "Ana", "is_admin": True}, "is_admin"),
    ):
        error = assert_refused(acme.post("agents", wish), 400, "invalid_parameter")
        assert field in (*error["details"], error["details"].get("field")), wish
    agent_id = new_agent(acme, "Ana", 4711)["id"]
    refused = acme.patch(f"agents/{agent_id}", {"is_enabled": "no"})
    assert list(assert_refused(refused, 400, "invalid_parameter")["details"]) == ["is_enabled"]


def test_another_tenants_agent_is_unknown(acme: Server, globex: Server) -> None:
    theirs = new_agent(globex, "Ana", 4711)["id"]
    for agent_id in (theirs, uuid4()):
        assert_refused(acme.get(f"agents/{agent_id}"), 404, "agent_not_found")
        refused = acme.patch(f"agents/{agent_id}", {"is_enabled": False})
        assert_refused(refused, 404, "agent_not_found")
    mara = visit(acme)
    refused = acme.post(path(mara, "claim"), {"agent_id": theirs})
    assert_refused(refused, 404, "agent_not_found")
    assert acme.get("agents").json()["data"] == []


def test_agents_are_settings(acme: Server) -> None:
    reader = acme.with_scopes("settings:read")
    agent_id = new_agent(acme, "Ana", 4711)["id"]
    assert reader.get(f"agents/{agent_id}").status_code == 200
    for answer, needed in (
        (reader.post("agents", {}), "settings:write"),
        (reader.patch(f"agents/{agent_id}", {}), "settings:write"),
        (acme.with_scopes("conversations:read").get("agents"), "settings:read"),
    ):
        error = assert_refused(answer, 403, "insufficient_scope")
        assert error["details"] == {"required": needed}
