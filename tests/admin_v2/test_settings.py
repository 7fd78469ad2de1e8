"""A tenant's server reads and sets the tenant's settings."""

import pytest

from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

LABEL = "settings/support.label"


def test_the_tenant_says_who_it_is(acme: Server) -> None:
    assert acme.get("tenant").json() == {
        "id": str(acme.tenant.pk),
        "slug": acme.tenant.slug,
        "name": acme.tenant.name,
        "status": "active",
        "widget_key": acme.tenant.widget_key,
    }
    assert_refused(acme.with_scopes("audit:read").get("tenant"), 403, "insufficient_scope")


def test_every_setting_says_what_it_may_be(acme: Server) -> None:
    listed = {row["key"]: row for row in acme.get("settings").json()["data"]}
    for row in listed.values():
        assert row["description"]
        assert row["value"] == row["default"]
        assert (row["is_own"], row["updated_at"]) == (False, None)
        assert row["type"] == row["schema"]["type"]
    assert listed["telegram.silent"]["type"] == "boolean"
    assert listed["allowedOrigins"]["type"] == "array"
    assert listed["telegram.topicOn"]["schema"]["enum"] == ["first_message", "start"]
    assert listed["timers.autoCloseMs"]["schema"]["minimum"] == 0


def test_a_value_is_set_cleaned_and_given_up(acme: Server, globex: Server) -> None:
    default = acme.get(LABEL).json()
    own = acme.put(LABEL, {"value": "  Acme care "})
    assert (own.json()["value"], own.json()["is_own"]) == ("Acme care", True)
    assert acme.get(LABEL).headers["ETag"] == own.headers["ETag"]
    assert not globex.get(LABEL).json()["is_own"]
    assert acme.delete(LABEL).json() == default
    assert acme.delete(LABEL).status_code == 200


def test_of_two_editors_the_second_learns_of_the_first(acme: Server) -> None:
    etag = acme.get(LABEL).headers["ETag"]
    assert acme.put(LABEL, {"value": "First"}, If_Match=etag).status_code == 200
    late = acme.put(LABEL, {"value": "Second"}, If_Match=etag)
    assert_refused(late, 412, "precondition_failed")
    assert_refused(acme.delete(LABEL, If_Match=etag), 412, "precondition_failed")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("support.label", ""),
        ("support.label", "x" * 65),
        ("support.label", "a\x00b"),
        ("support.label", "\ud800"),
        ("support.label", 7),
        ("support.label", None),
        ("telegram.silent", "yes"),
        ("telegram.topicOn", ["start"]),
        ("timers.autoCloseMs", -1),
        ("timers.autoCloseMs", 1.5),
        ("timers.autoCloseMs", True),
        ("timers.autoCloseMs", 10**40),
        ("allowedOrigins", "https://shop.example"),
        ("allowedOrigins", ["ftp://shop.example"]),
        ("allowedOrigins", ["https://shop\x00.example"]),
        ("allowedOrigins", ["https://" + "x" * 400]),
        ("widget.brand", "red"),
        ("widget.brand", "#12345"),
        ("widget.brand", "#fff;--x:url(//evil)"),
        ("widget.brand", ""),
        ("widget.radius", 33),
        ("widget.position", "top"),
        ("widget.scheme", "sepia"),
        ("widget.font", "Inter; color: red"),
        ("widget.contact", "x" * 201),
        ("widget.showSoundToggle", "no"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused(acme: Server, key: str, value: object) -> None:
    refused = acme.put(f"settings/{key}", {"value": value})
    assert refused.json()["error"]["code"] in {"invalid_setting", "invalid_parameter"}
    assert refused.status_code == 400
    assert not acme.get(f"settings/{key}").json()["is_own"]


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("widget.brand", " #B3261E ", "#B3261E"),
        ("widget.brand", "#fff", "#fff"),
        ("widget.radius", 0, 0),
        ("widget.font", "'Open Sans', system-ui, sans-serif", "'Open Sans', system-ui, sans-serif"),
        ("widget.contact", "help@shop.example", "help@shop.example"),
        ("widget.soundDefaultOn", True, True),
    ],
)
def test_a_look_is_kept_as_it_is_written(
    acme: Server, key: str, value: object, kept: object
) -> None:
    assert acme.put(f"settings/{key}", {"value": value}).json()["value"] == kept
    assert acme.delete(f"settings/{key}").json()["is_own"] is False


def test_what_there_is_not_is_not_found(acme: Server) -> None:
    for answer in (
        acme.get("settings/colour"),
        acme.put("settings/colour", {"value": "red"}),
        acme.delete("settings/%00"),
    ):
        assert_refused(answer, 404, "setting_not_found")
    assert_refused(acme.put(LABEL, {}), 400, "invalid_parameter")
    assert_refused(acme.put(LABEL, {"value": "A", "for": "us"}), 400, "invalid_parameter")


def test_settings_need_their_scopes(acme: Server) -> None:
    refused = acme.with_scopes("settings:read").put(LABEL, {"value": "A"})
    error = assert_refused(refused, 403, "insufficient_scope")
    assert error["details"] == {"required": "settings:write"}
    refused = acme.with_scopes("settings:write").get("settings")
    error = assert_refused(refused, 403, "insufficient_scope")
    assert error["details"] == {"required": "settings:read"}
