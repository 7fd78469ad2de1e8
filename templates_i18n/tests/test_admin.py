"""Message texts in the console."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from templates_i18n import services
from templates_i18n.catalogs import MESSAGES
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import MessageTemplate, Translation
from tenants.audit import SYSTEM
from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tests.staff import audited, words

ADD = "admin:templates_i18n_messagetemplate_add"
LIST = "/admin/templates_i18n/messagetemplate/"


@pytest.fixture
def form(workspace: Tenant) -> dict[str, str]:
    """A good text."""
    return {
        "tenant": str(workspace.pk),
        "key": "waiting_for_agent",
        "locale": "pt_BR",
        "text": "Oi {customer_name} <b>",
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
    assert (row.enabled, row.to_customer_ws, row.to_agents) == (True, True, False)
    page = reverse("admin:templates_i18n_messagetemplate_change", args=[row.pk])
    console.post(page, {"text": "Olá", "rate_limit_seconds": "0"})
    [row] = own_texts(workspace)
    assert (row.locale, row.text, row.enabled) == ("pt-br", "Olá", False)
    assert len(audited("template.changed", by=staff)) == 2


def test_the_preview_shows_what_each_side_sees(
    console: Client, workspace: Tenant, form: dict[str, str]
) -> None:
    console.post(reverse(ADD), form)
    [row] = own_texts(workspace)
    page = reverse("admin:templates_i18n_messagetemplate_change", args=[row.pk])
    shown = console.get(page)
    assert "Oi Maya &lt;b&gt;" in shown.content.decode()
    preview = shown.context["preview"]
    assert (preview.customer.as_note, preview.customer.as_message) == (True, False)
    assert not preview.agents.is_posted
    console.post(page, {"text": "Olá", "to_agents": "on", "rate_limit_seconds": "0"})
    assert not console.get(page).context["preview"].agents.is_posted
    console.post(
        page, {"text": "Olá", "enabled": "on", "to_agents": "on", "rate_limit_seconds": "0"}
    )
    assert console.get(page).context["preview"].agents.is_posted


def test_a_slip_in_a_variable_is_named_when_it_is_made(
    console: Client, workspace: Tenant, form: dict[str, str]
) -> None:
    refused = console.post(reverse(ADD), {**form, "text": "Oi {customer_nme}"})
    assert refused.status_code == 200
    assert "{customer_nme} cannot be filled in." in words(refused)
    # One that came by another way does not stand in the way of other changes.
    with tenant_scope(workspace.pk) as tenant:
        template = BUILT_IN[TemplateKey.CLOSING].with_text("Oi {nobody}")
        services.set_template(tenant=tenant, locale="pt", template=template, actor=SYSTEM)
    [row] = own_texts(workspace)
    page = reverse("admin:templates_i18n_messagetemplate_change", args=[row.pk])
    assert "{nobody} cannot be filled in" in words(console.get(page))
    answer = console.post(page, {"text": "Oi {nobody}", "rate_limit_seconds": "9"})
    assert answer.status_code == 302
    assert own_texts(workspace)[0].rate_limit_seconds == 9


def test_a_new_text_begins_with_the_built_in_one(console: Client, workspace: Tenant) -> None:
    page = console.get(reverse(ADD), {"tenant": str(workspace.pk), "key": "closing_message"})
    built_in = BUILT_IN[TemplateKey.CLOSING]
    assert page.context["adminform"].form.initial["text"] == built_in.text
    assert page.context["adminform"].form.initial["to_customer_persist"] is True
    query = {"tenant": str(workspace.pk), "key": "closing_message", "locale": "lv"}
    page = console.get(reverse(ADD), query)
    latvian = MESSAGES["lv"][TemplateKey.CLOSING]
    assert page.context["adminform"].form.initial["text"] == latvian
    assert page.context["preview"].customer.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"locale": "klingon!"}, "is not a language tag"),
        ({"text": "x" * 4001}, "at most 4000 characters"),
        ({"text": "nul \x00"}, "Null characters"),
        ({"key": "made_up"}, "Select a valid choice"),
        ({"rate_limit_seconds": "99999999"}, "0 to 2592000 seconds"),
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


def test_a_text_is_given_up_after_a_question(
    console: Client, staff: User, workspace: Tenant, form: dict[str, str]
) -> None:
    console.post(reverse(ADD), form)
    [row] = own_texts(workspace)
    page = f"{LIST}{row.pk}/give-up/"
    assert "the built-in one where there is none" in words(console.get(page))
    assert own_texts(workspace) == [row]
    assert console.post(page).status_code == 302
    assert own_texts(workspace) == []
    assert len(audited("template.deleted", by=staff)) == 1


def own_words(workspace: Tenant) -> dict[tuple[str, str], str]:
    """The workspace's words for the widget."""
    with tenant_scope(workspace.pk):
        return {(row.locale, row.key): row.text for row in Translation.objects.all()}


def test_a_string_of_the_widget_is_reworded_and_given_up(
    console: Client, staff: User, workspace: Tenant
) -> None:
    add = reverse("admin:templates_i18n_translation_add")
    form = {"tenant": str(workspace.pk), "locale": "LV", "key": "joined", "text": "{agent} ir klāt"}
    assert console.post(add, form).status_code == 302
    assert own_words(workspace) == {("lv", "joined"): "{agent} ir klāt"}
    for wrong, sentence in {
        "{who} ir klāt": "cannot fill in {who}",
        "x" * 501: "at most 500 characters",
        "  ": "This field is required",
    }.items():
        assert sentence in words(console.post(add, {**form, "key": "presenceAgent", "text": wrong}))
    assert "not a language tag" in words(console.post(add, {**form, "locale": "klingon!"}))
    assert "Select a valid choice" in words(console.post(add, {**form, "key": "made_up"}))
    with tenant_scope(workspace.pk):
        row = Translation.objects.get()
    page = reverse("admin:templates_i18n_translation_change", args=[row.pk])
    console.post(page, {"text": "Sveiki, te {agent}"})
    assert own_words(workspace) == {("lv", "joined"): "Sveiki, te {agent}"}
    assert console.post(page.replace("/change/", "/give-up/")).status_code == 302
    assert own_words(workspace) == {}
    assert len(audited("translation.changed", by=staff)) == 2
    assert len(audited("translation.deleted", by=staff)) == 1


@pytest.mark.parametrize("format", ["po", "json"])
def test_a_language_goes_out_and_comes_in(
    console: Client, staff: User, workspace: Tenant, form: dict[str, str], format: str
) -> None:
    console.post(reverse(ADD), form)
    with tenant_scope(workspace.pk) as tenant:
        services.set_translation(
            tenant=tenant, locale="pt-BR", key="send", text="Enviar", actor=SYSTEM
        )
    asked = {"tenant": str(workspace.pk), "locale": "pt_BR", "format": format}
    answer = console.get(f"{LIST}export-language/", asked)
    assert f'filename="initech-pt-br.{format}"' in answer["Content-Disposition"]
    file = SimpleUploadedFile("texts", answer.content)
    answer = console.post(
        f"{LIST}import-language/", {"tenant": str(workspace.pk), "locale": "pt", "file": file}
    )
    assert answer.status_code == 302
    assert own_words(workspace) == {("pt-br", "send"): "Enviar", ("pt", "send"): "Enviar"}
    assert {row.locale: row.text for row in own_texts(workspace)} == {
        "pt-br": form["text"],
        "pt": form["text"],
    }
    assert audited("translation.changed", by=staff)


def document(**sections: object) -> bytes:
    """An exported language."""
    return json.dumps({"format": "chatorical.locale", "version": 1, **sections}).encode()


@pytest.mark.parametrize(
    ("content", "locale", "sentence"),
    [
        (b"{nonsense", "pt", "neither JSON nor a PO file"),
        (b"[" * 100_000, "pt", "not a PO file"),
        (b"{" + b'"a":{' * 40_000, "pt", "neither JSON nor a PO file"),
        (b"{}", "pt", "no exported language"),
        (b"\xff\xfe", "pt", "must be in UTF-8"),
        (b"/etc/hostname", "pt", "not a PO file"),
        (b"x" * 250_000, "pt", "Use a file of up to 240 KB"),
        (document(templates={"\ud800": {}}), "pt", "templates.?: no such message"),
        (document(templates={"closing_message": {"\ud800": 1}}), "pt", "templates.closing"),
        (document(templates={"closing_message": {"text": "\ud800"}}), "pt", "templates.closing"),
        (document(translations={"\ud800": "x"}), "pt", "translations.?"),
        (document(translations={"send": "{\ud800}"}), "pt", "translations.send"),
        (document(translations={"send": "\ud800"}), "pt", "translations.send"),
        (b'msgctxt "send"\nmsgid "Send"\nmsgstr "{boo}"\n', "pt", "translations.send"),
        (b'msgctxt "boo"\nmsgid "Send"\nmsgstr "Enviar"\n', "pt", "translations.boo"),
        (b'msgctxt "send"\nmsgid "Send"\nmsgstr "Enviar"\n', "klingon!", "not a language tag"),
    ],
)
def test_a_file_that_is_not_right_changes_nothing(
    console: Client, workspace: Tenant, content: bytes, locale: str, sentence: str
) -> None:
    answer = console.post(
        f"{LIST}import-language/",
        {
            "tenant": str(workspace.pk),
            "locale": locale,
            "file": SimpleUploadedFile("texts", content),
        },
    )
    assert answer.status_code == 200
    assert sentence in words(answer)
    assert own_words(workspace) == {}
