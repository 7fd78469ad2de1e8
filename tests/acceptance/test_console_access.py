"""Every page of the console for people who see little, or hear it read: names and contrast.

axe-core looks at the pages in Chromium, as the owner of a tenant that is not the default one.
"""

from collections.abc import Iterator
from importlib import resources
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from channels_telegram.services import ChannelConfig, configure_channel
from conversations import services as conversations
from tenants.audit import SYSTEM
from tenants.invitations.services import invite_member
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, set_setting
from tests.aside import aside
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.staff import start_conversation

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
# Of WCAG 2 A and AA; what is about a document's outline is the theme's.
RULES = [
    *("aria-allowed-attr", "aria-hidden-focus", "aria-required-attr", "aria-roles"),
    *("aria-input-field-name", "aria-toggle-field-name", "aria-command-name"),
    *("button-name", "color-contrast", "html-has-lang", "image-alt", "input-button-name"),
    *("label", "link-name", "select-name", "summary-name", "svg-img-alt", "valid-lang"),
]
LOOK = """async rules => {
    const found = await axe.run(document, {runOnly: {type: "rule", values: rules}});
    return found.violations.flatMap(violation => violation.nodes.map(node =>
        `${violation.id}: ${node.html.slice(0, 200)} ${node.any.map(one => one.message).join(" ")}`
    ));
}"""
LISTS = [
    *("conversations/conversation", "conversations/agent", "channels_telegram/telegramchannel"),
    *("outbox/outboxitem", "templates_i18n/messagetemplate", "templates_i18n/translation"),
    *("tenants/setting", "tenants/member", "tenants/invitation", "tenants/apikey"),
    *("tenants/auditentry", "billing/subscription"),
]
FORMS = [
    *("conversations/agent", "templates_i18n/messagetemplate", "templates_i18n/translation"),
    *("tenants/setting", "tenants/invitation", "tenants/apikey"),
]
STAFFS = [
    *("tenants/tenant", "tenants/user", "billing/plan", "conversations/conversation"),
    "channels_telegram/telegramchannel",
]


@pytest.fixture(scope="module")
def people(stage: Stage, django_db_blocker: Any) -> dict[str, tuple[str, list[str]]]:
    """Cookies of an owner and of staff, each with the pages that are theirs."""
    with django_db_blocker.unblock():
        return aside(make_people)


def make_people() -> dict[str, tuple[str, list[str]]]:
    tenant = tenant_called(f"access-{uuid4().hex[:8]}")
    rows = fill(tenant)
    owner = User.objects.create_user(f"{uuid4().hex}@bakery.example", is_staff=True)
    staff = User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", "a passphrase")
    with tenant_scope(tenant.pk) as scoped:
        add_member(tenant=scoped, user=owner, role=Member.Role.OWNER, actor=SYSTEM)
    of_owner = [
        "",
        *(f"{model}/" for model in LISTS),
        *(f"{model}/add/" for model in FORMS),
        "channels_telegram/telegramchannel/add/",
        *rows,
    ]
    of_staff = ["", *(f"{model}/" for model in STAFFS), f"tenants/tenant/{tenant.pk}/change/"]
    of_staff += ["tenants/tenant/add/", "tenants/setting/add/", "tenants/member/add/"]
    return {
        "owner": (cookie_of(owner), of_owner),
        "staff": (cookie_of(staff), of_staff),
        "nobody": ("", ["login/"]),
    }


def fill(tenant: Tenant) -> list[str]:
    """Something of each kind; returns the pages of single rows."""
    states = [start_conversation(tenant, name=n, text="Hello?") for n in ("Ana", "Bo", "Cy", "Di")]
    with tenant_scope(tenant.pk) as scoped:
        agent = conversations.register_agent(
            tenant=scoped, channel_user_id="4711", display_name="Greg", actor=SYSTEM
        )
        ids = [conversation.pk for conversation in states]
        conversations.claim_conversation(tenant=scoped, conversation_id=ids[1], agent=agent)
        conversations.add_agent_reply(
            tenant=scoped, conversation_id=ids[1], agent=agent, text="Hello!"
        )
        conversations.close_conversation(tenant=scoped, conversation_id=ids[2], actor=SYSTEM)
        conversations.block_conversation(tenant=scoped, conversation_id=ids[3], actor=SYSTEM)
        number = uuid4().int
        token = f"{number % 10**9 + 10**9}:AA{uuid4().hex}"
        config = ChannelConfig(token, -(10**12 + number % 10**9))
        channel = configure_channel(tenant=scoped, config=config, actor=SYSTEM)
        set_setting(tenant=scoped, key="support.label", value="Bakery", actor=SYSTEM)
        invite_member(
            tenant=scoped, email="new@bakery.example", role=Member.Role.AGENT, actor=SYSTEM
        )
    pages = [f"conversations/conversation/{pk}/change/" for pk in ids]
    pages.append(f"conversations/conversation/{ids[0]}/delete-for-good/")
    pages.append(f"channels_telegram/telegramchannel/{channel.pk}/change/")
    pages.append(f"tenants/tenant/{tenant.pk}/change/")
    return pages


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(params=["light", "dark"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(color_scheme=request.param, reduced_motion="reduce") as one:
        yield one


@pytest.mark.parametrize("who", ["owner", "staff", "nobody"])
def test_every_control_has_a_name_and_every_text_enough_contrast(
    who: str,
    context: BrowserContext,
    stage: Stage,
    people: dict[str, tuple[str, list[str]]],
) -> None:
    cookie, pages = people[who]
    if cookie:
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": stage.web}]
        )
    page = context.new_page()
    found = {address: look_at(page, f"{stage.web}/admin/{address}") for address in pages}
    wrong = [f"{address or 'overview'}: {one}" for address in found for one in found[address]]
    assert not wrong, "\n".join(wrong)


def look_at(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    page.evaluate(AXE)
    wrong: list[str] = page.evaluate(LOOK, RULES)
    return wrong
