"""Message texts in the console."""

import pytest
from django.test import Client
from django.urls import reverse

from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import MessageTemplate
from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tests.staff import audited, words

ADD = "admin:templates_i18n_messagetemplate_add"


@pytest.fixture
def form(workspace: Tenant) -> dict[str, str]:
    """A good text."""
    return {
        "tenant": str(workspace.pk),
        "key": "waiting_for_agent",
        "locale": "pt_BR",
        "text": "Oi {customer_name}, {nobody} <b>",
        "enabled": "on",
        "to_customer_ws": "on",
        "rate_limit_seconds": "60",
    }


def own_texts(workspace: Tenant) -> list[MessageTemplate]:
    """The workspace's texts."""
    with tenant_scope(workspace.pk):
        return list(MessageTemplate.objects.all())


def test_a_text_is_set_and_changed(
    console: Client, staff: User, workspace: Tenant, form: dict[str, str]
) -> None:
    assert console.post(reverse(ADD), form).status_code == 302
    [row] = own_texts(workspace)
    assert (row.locale, row.text, row.rate_limit_seconds) == ("pt-br", form["text"], 60)
    assert (row.enabled, row.to_customer_ws, row.to_telegram) == (True, True, False)
    page = reverse("admin:templates_i18n_messagetemplate_change", args=[row.pk])
    console.post(page, {"text": "Olá", "rate_limit_seconds": "0"})
    [row] = own_texts(workspace)
    assert (row.locale, row.text, row.enabled) == ("pt-br", "Olá", False)
    assert len(audited("template.changed", by=staff)) == 2


def test_the_preview_fills_variables_in_and_escapes(
    console: Client, workspace: Tenant, form: dict[str, str]
) -> None:
    console.post(reverse(ADD), form)
    [row] = own_texts(workspace)
    page = console.get(reverse("admin:templates_i18n_messagetemplate_change", args=[row.pk]))
    assert "Oi Maya, {nobody} &lt;b&gt;" in page.content.decode()


def test_a_new_text_begins_with_the_built_in_one(console: Client, workspace: Tenant) -> None:
    page = console.get(reverse(ADD), {"tenant": str(workspace.pk), "key": "closing_message"})
    built_in = BUILT_IN[TemplateKey.CLOSING]
    assert page.context["adminform"].form.initial["text"] == built_in.text
    assert page.context["adminform"].form.initial["to_customer_persist"] is True


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"locale": "klingon!"}, "is not a language tag"),
        ({"text": "x" * 4001}, "at most 4000 characters"),
        ({"text": "nul \x00"}, "Null characters"),
        ({"key": "made_up"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_the_form(
    console: Client, workspace: Tenant, form: dict[str, str], wrong: dict[str, str], sentence: str
) -> None:
    answer = console.post(reverse(ADD), {**form, **wrong})
    assert answer.status_code == 200
    assert sentence in words(answer)
    assert own_texts(workspace) == []


def test_a_second_text_for_the_same_place_is_refused(
    console: Client, workspace: Tenant, form: dict[str, str]
) -> None:
    console.post(reverse(ADD), form)
    answer = console.post(reverse(ADD), {**form, "text": "Other"})
    assert answer.status_code == 200
    assert [row.text for row in own_texts(workspace)] == [form["text"]]
