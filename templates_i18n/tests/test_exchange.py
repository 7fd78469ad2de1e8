"""One language of a tenant as a document and as a PO file."""

from collections.abc import Iterator
from typing import Any

import polib
import pytest

from kernel.errors import InvalidParameter
from templates_i18n import selectors, services
from templates_i18n.catalogs import MESSAGES, WIDGET
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import MessageTemplate, Translation
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope


@pytest.fixture
def tenant(workspace: Tenant) -> Iterator[Tenant]:
    """The workspace, in its scope, with a few words of its own."""
    with tenant_scope(workspace.pk) as scoped:
        for locale in ("lv", "de"):
            template = BUILT_IN[TemplateKey.CLOSING].with_text(f"“Viss” \\ {locale}\n🙂")
            services.set_template(tenant=scoped, locale=locale, template=template, actor=SYSTEM)
        texts = {"send": "Sūtīt", "charactersLeft_zero": "Vēl {count}"}
        services.set_translations(tenant=scoped, locale="lv", texts=texts, actor=SYSTEM)
        yield scoped


def bring(tenant: Tenant, document: object, locale: str = "lv") -> services.Imported:
    """Import it."""
    return services.import_locale(tenant=tenant, locale=locale, document=document, actor=SYSTEM)


def everything(tenant: Tenant, locale: str) -> dict[str, Any]:
    """What the tenant has in a locale, without its name."""
    document = services.export_locale(tenant=tenant, locale=locale)
    return {name: document[name] for name in ("templates", "translations")}


def test_a_document_holds_the_tenants_own_words_with_their_delivery(tenant: Tenant) -> None:
    assert services.export_locale(tenant=tenant, locale="LV") == {
        "format": "chatorical.locale",
        "version": 1,
        "locale": "lv",
        "templates": {
            "closing_message": {
                "text": "“Viss” \\ lv\n🙂",
                "enabled": True,
                "to_customer_ws": False,
                "to_customer_persist": True,
                "to_agents": False,
                "pin": False,
                "rate_limit_seconds": 0,
            }
        },
        "translations": {"charactersLeft_zero": "Vēl {count}", "send": "Sūtīt"},
    }


def test_what_goes_out_comes_in_the_same(tenant: Tenant) -> None:
    document = services.export_locale(tenant=tenant, locale="lv")
    assert bring(tenant, document, "lt") == services.Imported(1, 2)
    assert everything(tenant, "lt") == everything(tenant, "lv")
    file = services.export_po(tenant=tenant, locale="lv")
    services.import_po(tenant=tenant, locale="et", text=file, actor=SYSTEM)
    assert everything(tenant, "et") == everything(tenant, "lv")


def test_what_a_document_leaves_out_stays(tenant: Tenant) -> None:
    partial = {
        "format": "chatorical.locale",
        "version": 1,
        "templates": {"closing_message": {"enabled": False}},
        "translations": {"send": "Nosūtīt"},
    }
    bring(tenant, partial)
    kept = everything(tenant, "lv")
    assert kept["templates"]["closing_message"]["text"] == "“Viss” \\ lv\n🙂"
    assert kept["templates"]["closing_message"]["enabled"] is False
    assert kept["translations"] == {"charactersLeft_zero": "Vēl {count}", "send": "Nosūtīt"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"format": "other"}, "format"),
        ({"version": 2}, "version"),
        ({"templates": []}, "templates"),
        ({"templates": {"made_up": {}}}, "templates.made_up"),
        ({"templates": {"closing_message": "text"}}, "templates.closing_message"),
        ({"templates": {"closing_message": {"text": 1}}}, "templates.closing_message"),
        ({"templates": {"closing_message": {"boo": 1}}}, "templates.closing_message"),
        (
            {"templates": {"closing_message": {"rate_limit_seconds": -1}}},
            "templates.closing_message",
        ),
        ({"translations": "x"}, "translations"),
        ({"translations": {"send": 1}}, "translations.send"),
        ({"translations": {"made_up": "x"}}, "translations.made_up"),
        ({"translations": {"joined": "{who}"}}, "translations.joined"),
    ],
)
def test_one_wrong_text_refuses_the_whole_document_and_is_named(
    tenant: Tenant, wrong: dict[str, Any], field: str
) -> None:
    before = everything(tenant, "lv")
    document = {
        "format": "chatorical.locale",
        "version": 1,
        "templates": {"waiting_for_agent": {"text": "Mirklīti"}},
        "translations": {"you": "Jūs"},
    }
    for section, value in wrong.items():
        good = document.get(section)
        is_both = isinstance(good, dict) and isinstance(value, dict)
        document[section] = {**good, **value} if is_both else value  # type: ignore[dict-item]
    with pytest.raises(InvalidParameter) as refusal:
        bring(tenant, document)
    assert refusal.value.details is not None
    assert refusal.value.details["field"] == field
    assert everything(tenant, "lv") == before


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_document(tenant: Tenant, document: object) -> None:
    with pytest.raises(InvalidParameter, match="no exported language"):
        bring(tenant, document)


def test_a_po_file_offers_every_string_with_its_english_text(tenant: Tenant) -> None:
    file = polib.pofile(services.export_po(tenant=tenant, locale="lv"))
    assert file.metadata["Language"] == "lv"
    entries = {entry.msgctxt: entry for entry in file}
    assert set(entries) >= {*TemplateKey.values, *WIDGET["en"], "charactersLeft_zero"}
    waiting = entries["waiting_for_agent"]
    assert (waiting.msgid, waiting.msgstr) == (MESSAGES["en"]["waiting_for_agent"], "")
    assert entries["send"].msgstr == "Sūtīt"
    assert entries["charactersLeft_zero"].msgid == WIDGET["en"]["charactersLeft_other"]


def test_a_translator_changes_words_and_not_delivery(tenant: Tenant) -> None:
    services.update_template(
        tenant=tenant,
        key=TemplateKey.CLOSING,
        locale="lv",
        changes={"to_agents": True, "rate_limit_seconds": 60},
        actor=SYSTEM,
    )
    file = polib.pofile(services.export_po(tenant=tenant, locale="lv"))
    for entry in file:
        if entry.msgctxt == "closing_message":
            entry.msgstr = "Viss kārtībā?"
        if entry.msgctxt == "you":
            entry.msgstr = "Jūs"
        if entry.msgctxt == "close":
            entry.msgstr, entry.flags = "Aizvērt?", ["fuzzy"]
    imported = services.import_po(tenant=tenant, locale="lv", text=str(file), actor=SYSTEM)
    assert imported == services.Imported(templates=1, translations=3)
    closing = selectors.read_template(tenant=tenant, key=TemplateKey.CLOSING, locale="lv")
    assert (closing.text, closing.to_agents, closing.rate_limit_seconds) == (
        "Viss kārtībā?",
        True,
        60,
    )
    words = Translation.objects.filter(tenant=tenant, locale="lv")
    assert set(words.values_list("key", flat=True)) == {"send", "you", "charactersLeft_zero"}
    # Nothing was written for what stayed untranslated.
    assert MessageTemplate.objects.filter(tenant=tenant, locale="lv").count() == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "not a PO file"),
        ("/etc/hostname", "not a PO file"),
        ('msgid "Send"\nmsgstr "Sūtīt"\n', "does not say in msgctxt"),
    ],
)
def test_what_is_no_po_file(tenant: Tenant, text: str, sentence: str) -> None:
    with pytest.raises(InvalidParameter, match=sentence):
        services.import_po(tenant=tenant, locale="lv", text=text, actor=SYSTEM)
