"""The operator's own words."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from templates_i18n.catalogs import MESSAGES
from templates_i18n.keys import TemplateKey
from templates_i18n.services import delete_template
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.answers import assert_refused
from tests.conftest import Stage
from tests.operator import Operator, operator_of

LIST = "/v1/admin/message-templates"
UPSERT, DELETE_LOCALE = f"{LIST}/upsert", f"{LIST}/delete-locale"
SETTINGS = "/v1/admin/settings"


@pytest.fixture
def operator(stage: Stage) -> Iterator[Operator]:
    """The operator, who leaves no Latvian texts and no welcome."""
    operator = operator_of(stage)
    yield operator
    operator.post(DELETE_LOCALE, locale="lv")
    operator.post(SETTINGS, welcome_message="")


def latvian(operator: Operator) -> list[dict[str, Any]]:
    """The Latvian texts."""
    return [row for row in operator.get(LIST) if row["locale"] == "lv"]


def test_a_text_is_written_and_read(operator: Operator, stage: Stage) -> None:
    made = operator.post(
        UPSERT,
        key="waiting_for_agent",
        locale="LV",
        text="Paldies, {customer_name}!",
        rateLimitPerConvSec=60,
    )
    assert {name: value for name, value in made.items() if name != "updatedAt"} == {
        "key": "waiting_for_agent",
        "locale": "lv",
        "text": "Paldies, {customer_name}!",
        "enabled": True,
        "toCustomerWs": True,
        "toCustomerPersist": False,
        "toTelegram": False,
        "pinInTopic": False,
        "rateLimitPerConvSec": 60,
    }
    assert latvian(operator) == [made]
    visitor = stage.customer(name="Anna", locale="lv")
    socket = visitor.socket()
    socket.say("Sveiki")
    assert socket.next_where(type="info_note")["text"] == "Paldies, Anna!"


def test_what_is_left_out_becomes_the_default_of_the_key(operator: Operator) -> None:
    place = {"key": "closing_message", "locale": "lv"}
    operator.post(
        UPSERT, **place, text="Atā", enabled=False, toTelegram=True, rateLimitPerConvSec=60
    )
    changed = operator.post(UPSERT, **place, text="Uz redzēšanos")
    assert changed | {"updatedAt": ""} == {
        **place,
        "text": "Uz redzēšanos",
        "enabled": True,
        "toCustomerWs": False,
        "toCustomerPersist": True,
        "toTelegram": False,
        "pinInTopic": False,
        "rateLimitPerConvSec": 0,
        "updatedAt": "",
    }
    assert (
        operator.post(UPSERT, **place, text="Atā", rateLimitPerConvSec=None)["rateLimitPerConvSec"]
        == 0
    )


def test_before_anything_is_written_the_built_in_texts_are_listed(operator: Operator) -> None:
    rows = {row["key"]: row for row in operator.get(LIST) if row["locale"] == "default"}
    assert set(TemplateKey.values) <= set(rows)
    reminder = rows["unclaimed_reminder_15m_pin"]
    assert (reminder["text"], reminder["pinInTopic"], reminder["updatedAt"]) == (
        MESSAGES["en"]["unclaimed_reminder_15m_pin"],
        True,
        None,
    )
    assert rows["waiting_for_agent"]["toCustomerWs"] is True


def test_a_key_of_ones_own_is_kept_and_never_sent(operator: Operator, stage: Stage) -> None:
    wish = {"key": "vacation_notice", "locale": "lv", "text": "Atvaļinājumā"}
    made = operator.post(UPSERT, **wish, toTelegram=True)
    assert made | {**wish, "enabled": True, "toTelegram": True, "toCustomerWs": False} == made
    assert latvian(operator) == [made]
    assert operator.post(UPSERT, **wish)["toTelegram"] is False
    visitor = stage.customer(locale="lv")
    visitor.send("Sveiki")
    assert [m["text"] for m in visitor.history()["messages"]] == ["Sveiki"]
    texts = requests.get(f"{stage.web}/v1/i18n/default/lv", timeout=30).json()["entries"]
    assert "vacation_notice" not in texts
    assert operator.post(DELETE_LOCALE, locale="lv") == {"ok": True, "deleted": 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": None}, "key"),
        ({"key": "x" * 41}, "key"),
        ({"key": "\u200b"}, "key"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "\x00"}, "text"),
        ({"enabled": "yes"}, "enabled"),
        ({"toTelegram": 1}, "toTelegram"),
        ({"rateLimitPerConvSec": -1}, "rateLimitPerConvSec"),
        ({"rateLimitPerConvSec": "60"}, "rateLimitPerConvSec"),
        ({"rateLimitPerConvSec": 2**40}, "rateLimitPerConvSec"),
        ({"locale": 7}, "locale"),
    ],
)
def test_a_wrong_value_is_refused(
    operator: Operator, changes: dict[str, object], field: str
) -> None:
    body = {"key": "closing_message", "locale": "lv", "text": "Atā"} | changes
    error = assert_refused(operator.call("POST", UPSERT, json=body), 400, "invalid_parameter")
    assert list(error["details"]) == [field]
    assert latvian(operator) == []


def test_a_regional_tag_means_its_language_which_is_all_that_a_customer_keeps(
    operator: Operator, stage: Stage
) -> None:
    wish = {"key": "closing_message", "text": "Uz redzēšanos"}
    assert operator.post(UPSERT, locale="LV_lv", **wish)["locale"] == "lv"
    visitor = stage.customer(name="Anna", locale="lv-LV")
    visitor.send("Labdien")
    operator.post("/v1/moderation/close", id=visitor.conversation_id)
    assert visitor.history()["messages"][-1]["text"] == "Uz redzēšanos"
    assert operator.post(DELETE_LOCALE, locale="LV_lv") == {"ok": True, "deleted": 1}


def test_a_language_of_three_letters_is_one(
    operator: Operator, stage: Stage, default_tenant: Tenant
) -> None:
    """Filipino is not Finnish, and each falls back to the default texts, not to the other."""
    wish = {"key": "closing_message"}
    texts = {"fi": "Näkemiin", "default": "Goodbye", "fil": "Paalam"}
    finnish, filipino = "fi-FI", "fil-PH"
    expected = {"fi": ("Näkemiin", "Goodbye"), "fil": ("Näkemiin", "Paalam")}
    try:
        operator.post(UPSERT, **wish, locale="default", text=texts["default"])
        for locale in ("fi", "fil"):
            made = operator.post(
                UPSERT, **wish, locale={"fi": finnish, "fil": filipino}[locale], text=texts[locale]
            )
            assert made["locale"] == locale
            read = []
            for language in (finnish, filipino):
                visitor = stage.customer(locale=language)
                visitor.send("hi")
                operator.post("/v1/moderation/close", id=visitor.conversation_id)
                read.append(visitor.history()["messages"][-1]["text"])
            assert tuple(read) == expected[locale]
    finally:
        # Other tests read the default tenant's texts as they come with the product.
        for locale in ("fi", "fil"):
            operator.post(DELETE_LOCALE, locale=locale)
        with tenant_scope(default_tenant.pk) as tenant:
            delete_template(tenant=tenant, key=TemplateKey.CLOSING, locale="default", actor=SYSTEM)


def test_a_locale_that_is_none_is_refused(operator: Operator) -> None:
    body = {"key": "closing_message", "locale": "no language", "text": "Atā"}
    assert_refused(operator.call("POST", UPSERT, json=body), 400, "invalid_parameter")
    assert_refused(operator.call("POST", UPSERT, json={}), 400, "invalid_parameter")


def test_a_language_is_deleted_as_a_whole(operator: Operator) -> None:
    for key in ("closing_message", "waiting_for_agent"):
        operator.post(UPSERT, key=key, locale="lv", text="Paldies")
    assert operator.post(DELETE_LOCALE, locale="lv") == {"ok": True, "deleted": 2}
    assert latvian(operator) == []
    assert operator.post(DELETE_LOCALE, locale="lv") == {"ok": True, "deleted": 0}


@pytest.mark.parametrize("locale", ["default", "DEFAULT", "", None, 5, "no language"])
def test_the_default_texts_stay(operator: Operator, locale: object) -> None:
    answer = operator.call("POST", DELETE_LOCALE, json={"locale": locale})
    assert_refused(answer, 400, "invalid_parameter")


def test_a_welcome_is_on_once_it_is_written(operator: Operator, stage: Stage) -> None:
    assert operator.get(SETTINGS) == {"welcome_message": ""}
    written = operator.post(SETTINGS, welcome_message="Hello {customer_name}!")
    welcome = {"welcome_message": "Hello {customer_name}!"}
    assert (operator.get(SETTINGS), written) == (welcome, {"ok": True, **welcome})
    visitor = stage.customer(name="Mara")
    visitor.send("hi")
    assert [m["text"] for m in visitor.history()["messages"]] == ["hi", "Hello Mara!"]
    for nothing in ("", "  ", None):
        assert operator.post(SETTINGS, welcome_message=nothing)["welcome_message"] == ""
    visitor = stage.customer(name="Mara")
    visitor.send("hi")
    assert [m["text"] for m in visitor.history()["messages"]] == ["hi"]


def test_writing_a_welcome_as_a_template_switches_it_on(operator: Operator) -> None:
    made = operator.post(UPSERT, key="welcome_message", locale="lv", text="Sveiki!")
    assert made["enabled"] is True


@pytest.mark.parametrize("body", [{}, {"welcome_message": 5}, {"welcome_message": "x" * 4001}])
def test_other_settings_are_refused(operator: Operator, body: dict[str, object]) -> None:
    error = assert_refused(operator.call("POST", SETTINGS, json=body), 400, "invalid_parameter")
    assert list(error["details"]) == ["welcome_message"]
