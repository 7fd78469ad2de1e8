"""Staff write a system message in Chromium and see at once what it will look like."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tenants.models import User
from tests.cast import tenant_called
from tests.conftest import Stage

ADD = "/admin/templates_i18n/messagetemplate/add/"


@pytest.fixture(scope="module")
def session(stage: Stage, django_db_blocker: Any) -> tuple[str, str]:
    """A signed-in person's cookie, and a tenant's id; made before there is a browser."""
    with django_db_blocker.unblock():
        client = Client()
        staff = User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", "a passphrase")
        client.force_login(staff)
        tenant = tenant_called(f"preview-{uuid4().hex[:12]}")
        return client.cookies[settings.SESSION_COOKIE_NAME].value, str(tenant.pk)


@pytest.fixture(scope="module")
def form(stage: Stage, session: tuple[str, str], browser: Browser) -> Iterator[Page]:
    """The form for a new text of the message that is said again on reopening."""
    cookie, tenant_id = session
    with browser.new_context() as context:
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": stage.web}]
        )
        page = context.new_page()
        page.goto(f"{stage.web}{ADD}?tenant={tenant_id}&key=conversation_reopened&locale=lv")
        yield page


def part(page: Page, name: str) -> Any:
    return page.locator(f'[data-part="{name}"]')


def test_both_panes_follow_the_typing_and_the_switches(form: Page) -> None:
    faults: list[str] = []
    form.on("pageerror", lambda error: faults.append(str(error)))
    expect(form.locator("#id_text")).to_have_value(
        "Priecājamies, ka rakstāt atkal. Esam atsākuši šo sarunu."
    )
    for name in ("message", "note", "silence"):
        expect(part(form, name)).to_be_visible()
    form.fill("#id_text", "Sveiki, {customer_name} <b>{oops}")
    for name in ("message", "note"):
        expect(part(form, name)).to_contain_text("Sveiki, Maya <b>{oops}")
    expect(part(form, "unknown")).to_contain_text("{oops} cannot be filled in")
    form.fill("#id_text", "Sveiki, {customer_name}")
    expect(part(form, "unknown")).to_be_hidden()
    form.uncheck("#id_to_customer_ws")
    expect(part(form, "note")).to_be_hidden()
    form.check("#id_to_agents")
    form.check("#id_pin")
    expect(part(form, "post")).to_contain_text("Sveiki, Maya")
    expect(part(form, "pin")).to_be_visible()
    form.uncheck("#id_enabled")
    for name in ("nothing", "silence"):
        expect(part(form, name)).to_be_visible()
    for name in ("message", "note", "post"):
        expect(part(form, name)).to_be_hidden()
    assert faults == []


def test_another_message_begins_with_its_own_text(form: Page) -> None:
    form.select_option("#id_key", "closed_history_note")
    expect(form.locator("#id_locale")).to_have_value("lv")
    expect(part(form, "line")).to_contain_text(
        "Uzrakstiet jebkurā laikā, un mēs šo sarunu atsāksim."
    )
    expect(part(form, "silence")).to_be_visible()
