"""A tenant's server writes what the product says in the tenant's name."""

import pytest

from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

CLOSING = "templates/closing_message/lv"


def test_every_message_is_listed_in_every_language(acme: Server) -> None:
    acme.put("templates/welcome_message/pt-BR", {"text": "Olá!"})
    rows = acme.get("templates").json()["data"]
    places = {(row["locale"], row["key"]) for row in rows}
    assert {("default", "closing_message"), ("lv", "closing_message")} <= places
    own = [row for row in rows if row["is_own"]]
    assert [(row["locale"], row["key"], row["text"]) for row in own] == [
        ("pt-br", "welcome_message", "Olá!")
    ]
    narrowed = acme.get("templates?locale=pt-BR&key=welcome_message").json()["data"]
    assert [row["text"] for row in narrowed] == ["Olá!"]


def test_a_message_is_replaced_changed_and_given_up(acme: Server) -> None:
    built_in = acme.get(CLOSING).json()
    assert (built_in["is_own"], built_in["updated_at"]) == (False, None)
    written = acme.put(CLOSING, {"text": "Paldies, {customer_name}!", "to_customer_ws": True})
    assert written.status_code == 200
    assert written.json()["is_own"] and written.json()["to_customer_persist"]
    changed = acme.patch(CLOSING, {"enabled": False}).json()
    assert (changed["text"], changed["enabled"], changed["to_customer_ws"]) == (
        "Paldies, {customer_name}!",
        False,
        True,
    )
    # Replacing begins with the built-in delivery, not with what was there.
    assert not acme.put(CLOSING, {"text": "Paldies!"}).json()["to_customer_ws"]
    assert acme.delete(CLOSING).json() == built_in
    assert acme.delete(CLOSING).status_code == 200


def test_of_two_editors_the_second_learns_of_the_first(acme: Server) -> None:
    etag = acme.get(CLOSING).headers["ETag"]
    assert acme.put(CLOSING, {"text": "Sveiki!"}, If_Match=etag).status_code == 200
    late = acme.patch(CLOSING, {"text": "Čau!"}, If_Match=etag)
    assert_refused(late, 412, "precondition_failed")
    assert_refused(acme.delete(CLOSING, If_Match=etag), 412, "precondition_failed")
    assert acme.get(CLOSING).json()["text"] == "Sveiki!"


def test_a_variable_that_does_not_exist_is_warned_of(acme: Server) -> None:
    [warning] = acme.put(CLOSING, {"text": "Hi {customer}"}).json()["warnings"]
    assert (warning["code"], warning["variable"]) == ("unknown_variable", "customer")


def test_a_preview_shows_both_sides_and_stores_nothing(acme: Server) -> None:
    before = acme.get("templates/conversation_reopened/default").json()
    shown = acme.post(
        "templates/preview",
        {
            "key": "conversation_reopened",
            "text": "Welcome back, {customer_name}",
            "to_agents": True,
            "sample": {"customer_name": "Zoë"},
        },
    ).json()
    assert shown["customer"]["text"] == "Welcome back, Zoë"
    assert shown["customer"]["as_message"]
    assert shown["agent"] == {
        "text": "Welcome back, Zoë",
        "is_posted": True,
        "is_pinned": False,
    }
    assert acme.get("templates/conversation_reopened/default").json() == before


def test_the_widgets_words_are_written_and_given_up(acme: Server) -> None:
    key = next(row["key"] for row in acme.get("translations?locale=lv").json()["data"])
    path = f"translations/lv/{key}"
    built_in = acme.get(path)
    own = acme.put(path, {"text": "Sveiki"}, If_Match=built_in.headers["ETag"])
    assert (own.json()["text"], own.json()["is_own"]) == ("Sveiki", True)
    late = acme.put(path, {"text": "Čau"}, If_Match=built_in.headers["ETag"])
    assert_refused(late, 412, "precondition_failed")
    assert acme.delete(path).json() == built_in.json()


def test_many_words_are_written_together_or_not_at_all(acme: Server) -> None:
    rows = acme.get("translations?locale=lv").json()["data"]
    first, second = [row["key"] for row in rows if not row["variables"]][:2]
    refused = acme.put("translations/lv", {"texts": {first: "A", "nothing": "B"}})
    assert_refused(refused, 400, "invalid_parameter")
    assert not any(row["is_own"] for row in acme.get("translations?locale=lv").json()["data"])
    written = acme.put("translations/lv", {"texts": {first: "A", second: "B"}}).json()["data"]
    assert {row["key"]: row["text"] for row in written} == {first: "A", second: "B"}


def test_a_language_moves_from_one_tenant_to_another(acme: Server, globex: Server) -> None:
    acme.put(CLOSING, {"text": "Paldies!"})
    document = acme.get("locales/lv/export")
    assert document.headers["Content-Disposition"] == 'attachment; filename="lv.json"'
    imported = globex.post("locales/lv/import", document.json())
    assert imported.json() == {"locale": "lv", "templates": 1, "translations": 0}
    assert globex.get(CLOSING).json()["text"] == "Paldies!"
    po = acme.get("locales/lv/export?format=po")
    assert po.headers["Content-Type"].startswith("text/x-gettext-translation")
    assert 'msgstr "Paldies!"' in po.text
    [lv] = [row for row in globex.get("locales").json()["data"] if row["locale"] == "lv"]
    assert lv == {
        "locale": "lv",
        "is_built_in": True,
        "own_templates": 1,
        "own_translations": 0,
    }
    assert globex.delete("locales/lv").json() == {"locale": "lv", "deleted": 1}
    assert not globex.get(CLOSING).json()["is_own"]
    assert acme.get(CLOSING).json()["is_own"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "named"),
    [
        ("PUT", CLOSING, {}, 400, "text"),
        ("PUT", CLOSING, {"text": "x" * 4001}, 400, "text"),
        ("PUT", CLOSING, {"text": "a\x00b"}, 400, "text"),
        ("PUT", CLOSING, {"text": "a\ud800b"}, 400, "text"),
        ("PUT", CLOSING, {"text": "Hi", "colour": "red"}, 400, "colour"),
        ("PUT", CLOSING, {"text": "Hi", "\ud800": 1}, 400, "?"),
        ("PATCH", CLOSING, {"enabled": "false"}, 400, "enabled"),
        ("PATCH", CLOSING, {"rate_limit_seconds": -1}, 400, "rate_limit_seconds"),
        ("PATCH", CLOSING, {"rate_limit_seconds": 10**30}, 400, "rate_limit_seconds"),
        ("PUT", "templates/closing_message/latvian!", {"text": "Hi"}, 400, "locale"),
        ("PUT", "templates/farewell/lv", {"text": "Hi"}, 404, ""),
        ("GET", "templates?key=farewell", None, 400, "key"),
        ("GET", "templates?locale=%00", None, 400, "locale"),
        ("POST", "templates/preview", {"key": "farewell"}, 400, "key"),
        ("POST", "templates/preview", {"key": "closing_message", "sample": 1}, 400, "sample"),
        ("PUT", "translations/lv/nothing", {"text": "Hi"}, 404, ""),
        ("PUT", "translations/lv", {"texts": {"\ud800": "Hi"}}, 400, "?"),
        ("PUT", "translations/lv", {"texts": []}, 400, "texts"),
        ("GET", "locales/lv/export?format=xml", None, 400, "format"),
        ("DELETE", "locales/default", None, 400, "locale"),
        ("POST", "locales/lv/import", {}, 400, "format"),
        (
            "POST",
            "locales/lv/import",
            {
                "format": "chatorical.locale",
                "version": 1,
                "templates": {"closing_message": {"text": "\ud800"}},
            },
            400,
            "templates.closing_message",
        ),
    ],
)
def test_what_is_wrong_is_named(
    acme: Server, method: str, path: str, body: object, status: int, named: str
) -> None:
    answer = acme.call(method, path, body)
    code = "not_found" if status == 404 else "invalid_parameter"
    error = assert_refused(answer, status, code)
    if named:
        assert named in (*error["details"], error["details"].get("field"))


def test_texts_need_their_scopes(acme: Server) -> None:
    reader = acme.with_scopes("settings:read")
    assert reader.get("templates").status_code == 200
    assert reader.post("templates/preview", {"key": "closing_message"}).status_code == 200
    for refused, scope in (
        (reader.put(CLOSING, {"text": "Hi"}), "templates:write"),
        (reader.put("translations/lv", {"texts": {}}), "templates:write"),
        (reader.post("locales/lv/import", {}), "templates:write"),
        (reader.delete("locales/lv"), "templates:write"),
        (acme.with_scopes("audit:read").get("locales"), "settings:read"),
        (acme.with_scopes("templates:write").get(CLOSING), "settings:read"),
    ):
        error = assert_refused(refused, 403, "insufficient_scope")
        assert error["details"] == {"required": scope}


def test_one_tenants_words_are_not_anothers(acme: Server, globex: Server) -> None:
    acme.put(CLOSING, {"text": "Acme says bye"})
    assert not globex.get(CLOSING).json()["is_own"]
    globex.delete(CLOSING)
    assert acme.get(CLOSING).json()["text"] == "Acme says bye"
