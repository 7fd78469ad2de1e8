"""A tenant's server keeps what agents often answer."""

import pytest

from tests.admin_v2.conftest import Server
from tests.answers import assert_refused


def test_a_reply_is_written_read_listed_and_deleted(acme: Server, globex: Server) -> None:
    written = acme.put("saved-replies/Opening-Hours/lv_LV", {"text": "No deviņiem, {name}."})
    assert written.status_code == 200
    reply = written.json()
    assert (reply["name"], reply["locale"]) == ("opening-hours", "lv-lv")
    assert [warning["variable"] for warning in reply["warnings"]] == ["name"]
    assert acme.get("saved-replies/opening-hours/lv-lv").json() == reply
    changed = acme.put("saved-replies/opening-hours/lv-LV", {"text": "No astoņiem."}).json()
    assert (changed["text"], changed["created_at"]) == ("No astoņiem.", reply["created_at"])
    assert [row["text"] for row in acme.get("saved-replies").json()["data"]] == ["No astoņiem."]
    assert globex.get("saved-replies").json()["data"] == []
    assert_refused(globex.get("saved-replies/opening-hours/lv-lv"), 404, "not_found")
    for _ in range(2):
        assert acme.delete("saved-replies/opening-hours/lv-lv").status_code == 204
    assert_refused(acme.get("saved-replies/opening-hours/lv-lv"), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("two words/lv", "Hi"),
        ("x" * 33 + "/lv", "Hi"),
        ("hours/no language", "Hi"),
        ("hours/lv", " \u200b "),
        ("hours/lv", "x" * 3001),
        ("hours/lv", "\ud800"),
        ("hours/lv", "😀" * 1501),
    ],
)
def test_what_cannot_be_sent_is_refused(acme: Server, path: str, text: str) -> None:
    assert acme.put(f"saved-replies/{path}", {"text": text}).status_code == 400
    assert acme.get("saved-replies").json()["data"] == []
