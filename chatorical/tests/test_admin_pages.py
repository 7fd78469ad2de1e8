"""Every page of the console: who gets it, and what it never shows."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from billing.models import Plan, StripeEvent, Subscription
from billing.services import assign_plan, create_plan
from channels_telegram import services as telegram
from channels_telegram.models import TelegramChannel
from conversations.models import Agent, Conversation
from conversations.services import register_agent
from outbox.models import OutboxItem
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.models import MessageTemplate, SavedReply, Translation
from templates_i18n.services import set_saved_reply, set_template, set_translation
from tenants import roles
from tenants.api_keys.models import ApiKey
from tenants.api_keys.services import issue_api_key
from tenants.audit import SYSTEM
from tenants.invitations.models import Invitation
from tenants.invitations.services import invite_member
from tenants.models import AuditEntry, Member, Setting, Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_tenant, set_setting
from tests.isolation.rows import new_stripe_event
from tests.staff import console_of, start_conversation, words

TOKEN = "123456789:AAveryveryverysecretsecretsecret1234"
WEBHOOK_SECRET = "webhook-secret-never-to-be-shown"
HEADER_SECRET = "header-secret-never-to-be-shown"
CUSTOMERS_WORDS = "Where is my stapler?"

ACTIONS = {
    Conversation: ["close", "block", "reopen"],
    OutboxItem: ["retry", "discard"],
    TelegramChannel: ["try-again"],
    Tenant: ["suspend", "resume", "widget-key"],
    ApiKey: ["rotate", "revoke"],
    Setting: ["reset"],
    MessageTemplate: ["give-up"],
    Translation: ["give-up"],
    SavedReply: ["delete-reply"],
    Invitation: ["revoke"],
    Member: ["remove"],
    StripeEvent: ["act-again"],
    Subscription: ["end"],
    User: ["password"],
}
# Not for the tenant's own people, whatever their role.
STAFFS = {(Tenant, "suspend"), (Tenant, "resume")}


@pytest.fixture
def rows(workspace: Tenant, conversation: Conversation) -> dict[type[Model], Any]:
    """A row of every kind that the console shows, all of one tenant."""
    user = User.objects.create_user("samir@initech.example", "a passphrase of samir")
    with platform_scope("tests"):
        event = new_stripe_event()
    with tenant_scope(workspace.pk) as tenant:
        channel = telegram.configure_channel(
            tenant=tenant,
            config=telegram.ChannelConfig(
                bot_token=TOKEN,
                chat_id=-1001112223334,
                webhook_secret=WEBHOOK_SECRET,
                header_secret=HEADER_SECRET,
            ),
            actor=SYSTEM,
        )
        set_setting(tenant=tenant, key="support.label", value="The Initech team", actor=SYSTEM)
        set_template(
            tenant=tenant, locale="lv", template=BUILT_IN[TemplateKey.WAITING], actor=SYSTEM
        )
        plan = create_plan(code="initech", name="Initech's own", actor=SYSTEM, max_members=50)
        assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)
        set_translation(tenant=tenant, locale="lv", key="send", text="Sūtīt", actor=SYSTEM)
        agent = register_agent(
            tenant=tenant, channel_user_id="4711", display_name="Ana of Initech", actor=SYSTEM
        )
        return {
            Tenant: tenant.pk,
            Plan: plan.pk,
            StripeEvent: event.pk,
            Subscription: Subscription.objects.get(tenant=tenant).pk,
            User: user.pk,
            Member: add_member(tenant=tenant, user=user, role=Member.Role.AGENT, actor=SYSTEM).pk,
            Invitation: invite_member(
                tenant=tenant,
                email="joanna@initech.example",
                role=Member.Role.VIEWER,
                actor=SYSTEM,
            ).invitation.pk,
            Setting: Setting.objects.get(tenant=tenant).pk,
            AuditEntry: AuditEntry.objects.filter(tenant=tenant).first().pk,  # type: ignore[union-attr]
            Conversation: conversation.pk,
            Agent: agent.pk,
            MessageTemplate: MessageTemplate.objects.get(tenant=tenant).pk,
            Translation: Translation.objects.get(tenant=tenant).pk,
            SavedReply: set_saved_reply(
                tenant=tenant, name="hours", locale="lv", text="9–17", actor=SYSTEM
            ).pk,
            TelegramChannel: channel.pk,
            ApiKey: issue_api_key(
                tenant=tenant, name="Orders", scopes=["settings:read"], actor=SYSTEM
            ).key.pk,
            OutboxItem: OutboxItem.objects.filter(tenant=tenant).first().pk,  # type: ignore[union-attr]
        }


LIST_PAGES: dict[type[Model], list[str]] = {
    MessageTemplate: ["export-language", "import-language"],
    Translation: ["export-language", "import-language"],
}


def addresses(rows: dict[type[Model], Any]) -> list[str]:
    """Every page there is: lists, rows, and the questions before actions."""
    found = [reverse("admin:index")]
    for model, pk in rows.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"{name}_change", args=[pk])
        found += [reverse(f"{name}_changelist"), page]
        found += [page.replace("/change/", f"/{path}/") for path in ACTIONS.get(model, [])]
        found += [f"{reverse(f'{name}_changelist')}{path}/" for path in LIST_PAGES.get(model, [])]
        if admin.site.get_model_admin(model).can_add:  # type: ignore[attr-defined]
            found.append(reverse(f"{name}_add"))
    return found


def test_staff_see_every_page(console: Client, rows: dict[type[Model], Any]) -> None:
    # To know an address is to import the pages, which no process does before.
    found = addresses(rows)
    assert set(rows) == set(admin.site._registry)
    for address in found:
        assert console.get(address).status_code == 200, address


def test_strangers_are_sent_to_the_sign_in(rows: dict[type[Model], Any]) -> None:
    for address in addresses(rows):
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("admin:login")), address


@pytest.mark.parametrize("role", list(Member.Role))
def test_members_see_the_lists_of_their_role(
    workspace: Tenant, role: Member.Role, rows: dict[type[Model], Any]
) -> None:
    browser = console_of(workspace, role)
    assert browser.get(reverse("admin:index")).status_code == 200
    for model, pk in rows.items():
        page = admin.site.get_model_admin(model)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        is_theirs = roles.may(role, page.reading)  # type: ignore[attr-defined]
        wanted = 200 if is_theirs else 403
        listed = browser.get(reverse(f"{name}_changelist"))
        if model is Tenant and is_theirs:
            assert listed["Location"] == reverse(f"{name}_change", args=[workspace.pk])
        else:
            assert listed.status_code == wanted, name
        assert browser.get(reverse(f"{name}_change", args=[pk])).status_code == wanted, name


@pytest.mark.parametrize("role", list(Member.Role))
def test_members_do_what_their_role_lets_them(
    workspace: Tenant, role: Member.Role, rows: dict[type[Model], Any]
) -> None:
    browser = console_of(workspace, role)
    for model, pk in rows.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = admin.site.get_model_admin(model)
        is_theirs = roles.may(role, page.writing)  # type: ignore[attr-defined]
        change = reverse(f"{name}_change", args=[pk])
        for path in ACTIONS.get(model, []):
            status = browser.get(change.replace("/change/", f"/{path}/")).status_code
            assert (status == 200) == (is_theirs and (model, path) not in STAFFS), (name, path)
        if page.can_add and model not in (Member, Tenant):  # type: ignore[attr-defined]
            status = browser.get(reverse(f"{name}_add")).status_code
            assert (status == 200) == is_theirs, name


def test_a_viewer_changes_nothing(workspace: Tenant, rows: dict[type[Model], Any]) -> None:
    browser = console_of(workspace, Member.Role.VIEWER)
    before = by_people()
    for address in addresses(rows):
        browser.post(address, {"confirmed": "1"})
    assert by_people() == before


def by_people() -> set[UUID]:
    """What people have done, those of other tests included."""
    with platform_scope("tests"):
        entries = AuditEntry.objects.filter(actor_kind__in=["member", "staff"])
        return set(entries.values_list("pk", flat=True))


def test_another_tenants_rows_are_not_there(
    quiet_platform: None, rows: dict[type[Model], Any]
) -> None:
    elsewhere = create_tenant(slug=f"globex-{uuid4().hex}", name="Globex", actor=SYSTEM)
    browser = console_of(elsewhere, Member.Role.OWNER)
    for address in addresses(rows):
        shown = browser.get(address).content.decode()
        for secret in ("Milton", CUSTOMERS_WORDS, "Ana of Initech", "samir@", "Initech"):
            assert secret not in shown, address


def test_a_member_cannot_write_into_another_tenant(workspace: Tenant, console: Client) -> None:
    elsewhere = create_tenant(slug=f"globex-{uuid4().hex}", name="Globex", actor=SYSTEM)
    browser = console_of(workspace, Member.Role.OWNER)
    wish = {"key": "support.label", "text": "Mine"}
    address = reverse("admin:tenants_setting_add")
    refused = browser.post(address, {**wish, "tenant": str(elsewhere.pk)})
    assert refused.status_code == 200
    assert browser.post(address, {**wish, "tenant": str(workspace.pk)}).status_code == 302
    with platform_scope("tests"):
        written = Setting.objects.filter(key="support.label", tenant__in=[elsewhere, workspace])
        assert [row.tenant_id for row in written] == [workspace.pk]


def test_no_page_shows_a_secret(console: Client, rows: dict[type[Model], Any]) -> None:
    with platform_scope("tests"):
        channel = TelegramChannel.objects.get(pk=rows[TelegramChannel])
        user = User.objects.get(pk=rows[User])
    secrets = [
        TOKEN,
        TOKEN.partition(":")[2],
        WEBHOOK_SECRET,
        HEADER_SECRET,
        channel.bot_token_sealed,
        channel.webhook_secret_sealed,
        channel.webhook_secret_hash,
        channel.header_secret_sealed,
        user.password,
        user.password.split("$")[2],
    ]
    for address in addresses(rows):
        html = console.get(address).content.decode()
        assert [secret for secret in secrets if secret in html] == [], address


def test_customers_words_are_text_on_every_page(console: Client, workspace: Tenant) -> None:
    nasty = "<script>alert(1)</script>"
    picture = "<img src=x onerror=alert(1)>"
    conversation = start_conversation(workspace, name=nasty, text=f"{nasty}{picture}")
    with tenant_scope(workspace.pk):
        Conversation.objects.filter(pk=conversation.pk).update(about_note=picture)
        item = OutboxItem.objects.filter(kind="telegram.post").latest("pk")
    page = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    pages = [
        reverse("admin:index"),
        reverse("admin:conversations_conversation_changelist"),
        page,
        page.replace("/change/", "/block/"),
        reverse("admin:outbox_outboxitem_change", args=[item.pk]) + "?payload=1",
        reverse("admin:tenants_auditentry_changelist"),
    ]
    shown = "".join(console.get(address).content.decode() for address in pages)
    assert nasty not in shown
    assert picture not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_nothing_can_be_deleted(console: Client, rows: dict[type[Model], Any]) -> None:
    for model, pk in rows.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert (
            console.post(reverse(f"{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
        )
        page = console.get(reverse(f"{name}_change", args=[pk])).content.decode()
        assert "/delete/" not in page, model


def test_an_unknown_page_is_a_page(console: Client, conversation: Conversation) -> None:
    response = console.get("/admin/nowhere/at/all/")
    assert response.status_code == 404
    assert "There is no such page" in words(response)
    assert Client().get("/nowhere").json()["error"]["code"] == "not_found"


def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(
    console: Client,
    workspace: Tenant,
    rows: dict[type[Model], Any],
    django_assert_max_num_queries: Any,
) -> None:
    lists = [
        reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in rows
    ] + [reverse("admin:index")]
    for address in lists:
        console.get(address)
    for number in range(8):
        start_conversation(workspace, name=f"Customer {number}", text="Hello")
        user = User.objects.create_user(f"user{number}@initech.example")
        with tenant_scope(workspace.pk) as tenant:
            add_member(tenant=tenant, user=user, role=Member.Role.VIEWER, actor=SYSTEM)
            register_agent(
                tenant=tenant, channel_user_id=f"{number + 1}", display_name="", actor=SYSTEM
            )
    for address in lists:
        # Session, user and hash of the password (two of them with a scope of their own), scope, its
        # end, and at most thirteen of the page's own.
        with django_assert_max_num_queries(27):
            console.get(address)
