"""A tenant's system messages: looking them up and changing them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kernel.errors import InvalidParameter
from templates_i18n import selectors, services
from templates_i18n.catalogs import MESSAGES
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import MessageTemplate, Translation
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope

WAITING = TemplateKey.WAITING


@pytest.fixture
def tenant(workspace: Tenant) -> Iterator[Tenant]:
    """The workspace, in its scope."""
    with tenant_scope(workspace.pk) as scoped:
        yield scoped


def write(tenant: Tenant, text: str, locale: str, key: TemplateKey = WAITING) -> None:
    """Give the tenant its own words."""
    template = BUILT_IN[key].with_text(text)
    services.set_template(tenant=tenant, locale=locale, template=template, actor=SYSTEM)


def said(workspace: Tenant, locale: str, key: TemplateKey = WAITING) -> str:
    """The words used there."""
    with tenant_scope(workspace.pk) as tenant:
        return selectors.read_template(tenant=tenant, key=key, locale=locale).text


def trail(tenant: Tenant, action: str) -> list[str]:
    """What the audit trail says was done so."""
    entries = AuditEntry.objects.filter(tenant=tenant, action=action)
    return list(entries.values_list("object_id", flat=True))


def test_the_tenants_words_win_over_the_products_and_the_closest_locale_wins(
    tenant: Tenant,
) -> None:
    assert said(tenant, "lv-LV") == MESSAGES["lv"][WAITING]
    assert said(tenant, "eo") == MESSAGES["en"][WAITING]
    write(tenant, "The default", "default")
    assert said(tenant, "lv-LV") == "The default"
    write(tenant, "Latvian", "lv")
    assert said(tenant, "lv-LV") == said(tenant, "lv") == "Latvian"
    write(tenant, "Brazilian", "pt_BR")
    assert said(tenant, "pt-br") == "Brazilian"
    assert said(tenant, "pt") == said(tenant, "nonsense!") == "The default"


def test_agents_are_reminded_in_their_own_language_not_the_customers(tenant: Tenant) -> None:
    key = TemplateKey.REMINDER_5M
    assert said(tenant, "ar", key) == MESSAGES["en"][key]
    write(tenant, "{customer_name} gaida.", "default", key)
    assert said(tenant, "ar", key) == "{customer_name} gaida."


def test_a_partial_change_keeps_the_rest(tenant: Tenant) -> None:
    def change(locale: str, **changes: Any) -> MessageTemplate:
        services.update_template(
            tenant=tenant, key=TemplateKey.REOPENED, locale=locale, changes=changes, actor=SYSTEM
        )
        return MessageTemplate.objects.get(tenant=tenant, locale=locale)

    first = change("lv", enabled=False)
    assert first.text == MESSAGES["lv"][TemplateKey.REOPENED]
    assert (first.enabled, first.to_customer_ws, first.to_customer_persist) == (False, True, True)
    second = change("lv", text="Atkal šeit", rate_limit_seconds=60)
    assert (second.text, second.enabled, second.rate_limit_seconds) == ("Atkal šeit", False, 60)
    # What is not there yet begins with what is used there now.
    third = change("lv-lv", pin=True)
    assert (third.text, third.enabled, third.pin) == ("Atkal šeit", False, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": 1}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "\x00"}, "text"),
        ({"enabled": "yes"}, "enabled"),
        ({"pin": 1}, "pin"),
        ({"rate_limit_seconds": -1}, "rate_limit_seconds"),
        ({"rate_limit_seconds": 10**10}, "rate_limit_seconds"),
        ({"rate_limit_seconds": True}, "rate_limit_seconds"),
        ({"rate_limit_seconds": "60"}, "rate_limit_seconds"),
        ({"key": "closing_message"}, "key"),
        ({"made_up": 1}, "made_up"),
    ],
)
def test_a_wrong_change_names_the_field(
    tenant: Tenant, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        services.update_template(
            tenant=tenant, key=WAITING, locale="lv", changes=changes, actor=SYSTEM
        )
    assert refusal.value.details == {"field": field}
    assert not selectors.list_templates(tenant=tenant).exists()


def test_the_waiting_note_is_never_kept_even_when_asked(tenant: Tenant) -> None:
    template = replace(BUILT_IN[WAITING], to_customer_persist=True)
    services.set_template(tenant=tenant, locale="lv", template=template, actor=SYSTEM)
    assert not MessageTemplate.objects.get(tenant=tenant).to_customer_persist


def test_a_text_given_up_gives_way_to_the_next(tenant: Tenant) -> None:
    write(tenant, "Latvian", "lv")
    assert services.delete_template(tenant=tenant, key=WAITING, locale="lv", actor=SYSTEM)
    assert not services.delete_template(tenant=tenant, key=WAITING, locale="lv", actor=SYSTEM)
    assert said(tenant, "lv") == MESSAGES["lv"][WAITING]
    assert trail(tenant, "template.deleted") == ["lv/waiting_for_agent"]


def test_a_deleted_locale_leaves_the_others(tenant: Tenant) -> None:
    for locale in ("default", "lv", "lv-LV"):
        write(tenant, locale, locale)
        services.set_translation(
            tenant=tenant, locale=locale, key="send", text=locale, actor=SYSTEM
        )
    assert services.delete_locale(tenant=tenant, locale="LV", actor=SYSTEM) == 2
    assert services.delete_locale(tenant=tenant, locale="lv", actor=SYSTEM) == 0
    for model in (MessageTemplate, Translation):
        left = model._default_manager.filter(tenant=tenant)
        assert set(left.values_list("locale", flat=True)) == {"default", "lv-lv"}
    assert trail(tenant, "locale.deleted") == ["lv"]


@pytest.mark.parametrize("locale", ["default", " DEFAULT ", "nonsense!", ""])
def test_the_default_locale_cannot_be_deleted(tenant: Tenant, locale: str) -> None:
    write(tenant, "Stays", "default")
    with pytest.raises(InvalidParameter):
        services.delete_locale(tenant=tenant, locale=locale, actor=SYSTEM)
    assert said(tenant, "default") == "Stays"


def test_texts_are_listed_by_message_and_locale(tenant: Tenant) -> None:
    write(tenant, "b", "lv")
    write(tenant, "a", "de")
    write(tenant, "c", "de", TemplateKey.CLOSING)
    listed = [(row.key, row.locale) for row in selectors.list_templates(tenant=tenant)]
    assert listed == [
        ("closing_message", "de"),
        ("waiting_for_agent", "de"),
        ("waiting_for_agent", "lv"),
    ]
