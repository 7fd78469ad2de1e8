"""A tenant's own words for the widget, and what customers get of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from kernel.errors import InvalidParameter
from templates_i18n import services
from templates_i18n.catalogs import MESSAGES, WIDGET
from templates_i18n.entries import get_entries, layered
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import Translation
from tenants import configuration
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope


@pytest.fixture
def tenant(workspace: Tenant) -> Iterator[Tenant]:
    """The workspace, in its scope."""
    with tenant_scope(workspace.pk) as scoped:
        yield scoped


def translate(tenant: Tenant, locale: str, **texts: str) -> None:
    """Give the tenant its own words."""
    services.set_translations(tenant=tenant, locale=locale, texts=texts, actor=SYSTEM)


def own(tenant: Tenant) -> dict[tuple[str, str], str]:
    """All the words the tenant has written."""
    rows = Translation.objects.filter(tenant=tenant)
    return {(row.locale, row.key): row.text for row in rows}


def test_strings_are_set_replaced_and_given_up(tenant: Tenant) -> None:
    translate(tenant, "LV", send="Sūtīt", charactersLeft_zero="Vēl {count}")
    translate(tenant, "lv", send="Nosūtīt")
    assert own(tenant) == {
        ("lv", "send"): "Nosūtīt",
        ("lv", "charactersLeft_zero"): "Vēl {count}",
    }
    assert services.delete_translation(tenant=tenant, locale="lv", key="send", actor=SYSTEM)
    assert not services.delete_translation(tenant=tenant, locale="lv", key="send", actor=SYSTEM)
    for key in ("made_up", "\x00", "x" * 1000):
        assert not services.delete_translation(tenant=tenant, locale="lv", key=key, actor=SYSTEM)
    assert set(own(tenant)) == {("lv", "charactersLeft_zero")}
    entries = AuditEntry.objects.filter(tenant=tenant, object_type="translation").order_by("pk")
    assert [(entry.action, entry.object_id) for entry in entries] == [
        ("translation.changed", "lv"),
        ("translation.changed", "lv/send"),
        ("translation.deleted", "lv/send"),
    ]


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("made_up", "x", "no string of the widget"),
        ("send_few", "x", "no string of the widget"),
        ("x" * 1000, "x", "no string of the widget"),
        ("send", " ", "needs a visible text"),
        ("send", "\x00", "needs a visible text"),
        ("send", "\ud800", "needs a visible text"),
        ("send", "x" * 501, "up to 500 characters"),
        ("send", "{count}", r"cannot fill in \{count\}; it offers none"),
        ("joined", "{agent} {who}", r"cannot fill in \{who\}; it offers \{agent\}"),
    ],
)
def test_a_text_the_widget_could_not_show_is_refused(
    tenant: Tenant, key: str, text: str, sentence: str
) -> None:
    with pytest.raises(InvalidParameter, match=sentence) as refusal:
        translate(tenant, "lv", you="Jūs", **{key: text})
    assert refusal.value.details is not None
    assert refusal.value.details["field"] == key[:80]
    assert own(tenant) == {}


def test_customers_get_the_closest_text_there_is(workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        translate(tenant, "default", send="D", you="D", close="D")
        translate(tenant, "lv", send="L", you="L")
        translate(tenant, "lv-LV", send="R")
    with tenant_scope(workspace.pk) as tenant:
        found = get_entries(tenant=tenant, locale="lv_LV")
        assert [found.texts[key] for key in ("send", "you", "close")] == ["R", "L", "D"]
        assert found.texts["today"] == WIDGET.get("lv", WIDGET["en"])["today"]
        assert found.locale == "lv-lv"
        for asked, locale in {
            "lv": "lv",
            "lv-EE": "lv",
            "default": "default",
            "eo": "default",
            "nonsense!": "default",
        }.items():
            assert get_entries(tenant=tenant, locale=asked).locale == locale


def test_plural_forms_of_another_language_do_not_mix() -> None:
    english = {form: WIDGET["en"][f"charactersLeft_{form}"] for form in ("one", "other")}
    texts = layered({"lv": {"charactersLeft_zero": "z", "charactersLeft_other": "o"}}, ["lv"])
    assert texts["charactersLeft_zero"] == "z"
    assert texts["charactersLeft_other"] == "o"
    assert texts.get("charactersLeft_one") != english["one"]
    assert texts["charactersOver_other"]
    # The last resort stays, and forms of one language add up.
    texts = layered(
        {"eo": {"charactersLeft_one": "1"}, "eo-x": {"charactersLeft_few": "f"}}, ["eo-x", "eo"]
    )
    assert texts["charactersLeft_one"] == "1"
    assert texts["charactersLeft_few"] == "f"
    assert texts["charactersLeft_other"] == english["other"]


def test_customers_get_their_system_messages_and_not_the_agents(workspace: Tenant) -> None:
    def shown() -> dict[str, str]:
        with tenant_scope(workspace.pk) as tenant:
            texts = get_entries(tenant=tenant, locale="de").texts
        return {key: texts[key] for key in TemplateKey.values if key in texts}

    keys = ("waiting_for_agent", "conversation_reopened", "closed_history_note", "closing_message")
    assert shown() == {key: MESSAGES["de"][key] for key in keys}
    with tenant_scope(workspace.pk) as tenant:
        changed: dict[TemplateKey, dict[str, Any]] = {
            TemplateKey.WAITING: {"enabled": False},
            TemplateKey.WELCOME: {"enabled": True, "text": "Hallo {customer_name}"},
            TemplateKey.CLOSING: {"text": "  "},
        }
        for key, changes in changed.items():
            services.update_template(
                tenant=tenant, key=key, locale="de", changes=changes, actor=SYSTEM
            )
    assert set(shown()) == {"welcome_message", "conversation_reopened", "closed_history_note"}
    assert shown()["welcome_message"] == "Hallo {customer_name}"


def test_strangers_cannot_fill_the_memory_with_locales(workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        template = BUILT_IN[TemplateKey.CLOSING]
        services.set_template(tenant=tenant, locale="lv", template=template, actor=SYSTEM)
    with tenant_scope(workspace.pk) as tenant:
        for number in range(200):
            get_entries(tenant=tenant, locale=f"lv-x{number}")
            get_entries(tenant=tenant, locale=f"xx-x{number}")
        cached = configuration.find_cached_tenant(tenant.pk)
        assert cached is not None
        kept = [name for name in cached.__dict__["remembered"] if name.startswith("entries")]
        assert len(kept) == 2
