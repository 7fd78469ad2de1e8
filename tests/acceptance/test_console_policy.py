"""Every page of the console in a real browser, under a policy that runs scripts of files only.

The pages are found by following links, so that a new one is visited by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tenants.audit import SYSTEM
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.customer import arrive

# What follows a link away, or changes something.
_LEAVING = re.compile(r"/(logout|jsi18n|export-\w+)/|/r/\d+/")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=/)[\w.:-]+(?=/(change|history|delete)/)")

# Everything that the theme has made to be clicked: an expression is read when it is needed first.
_CLICK_EVERYTHING = """() => {
    for (const element of document.querySelectorAll("*")) {
        const isMade = [...element.attributes].some(({name}) => /^(x-on:|@)click/.test(name));
        if (isMade && !element.matches("a[href], button[type=submit]")) element.click();
    }
}"""


@dataclass
class Walk:
    """A signed-in browser, and what it complains about."""

    page: Page
    web: str
    complaints: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, said: ConsoleMessage) -> None:
        # A page may answer 403 or 404; a file may not.
        is_refusal = said.location["url"].startswith(f"{self.web}/admin/")
        is_refusal &= said.text.startswith("Failed to load resource")
        if said.type in ("warning", "error") and not is_refusal:
            self._note(said.text)

    def _note(self, complaint: str) -> None:
        self.complaints.append(f"{self.page.url}: {complaint}")

    def open(self, path: str) -> None:
        """Load a page and wait until the theme has taken hold of it."""
        answer = self.page.goto(urljoin(self.web, path), wait_until="load")
        assert answer is not None
        assert answer.status in (200, 403, 404), path
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        expect(self.page.locator("html[x-cloak]")).to_have_count(0)

    def everywhere(self) -> None:
        """Open one page of every kind that links lead to."""
        waiting = ["/admin/"]
        while waiting:
            path = waiting.pop()
            kind = _kind_of(path)
            if kind in self.visited:
                continue
            self.visited.add(kind)
            self.open(path)
            self.page.evaluate(_CLICK_EVERYTHING)
            links = self.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
            for link in links:
                parts = urlsplit(link)
                if link.startswith(f"{self.web}/admin/") and not _LEAVING.search(parts.path):
                    waiting.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _kind_of(path: str) -> str:
    """A page without ids, and whether it is filtered or sorted."""
    parts = urlsplit(path)
    return f"{_IDS.sub('*', parts.path)}{'?' if parts.query else ''}"


@pytest.fixture(scope="module")
def shop(stage: Stage, django_db_blocker: Any) -> Tenant:
    """A workspace in which something has happened."""
    with django_db_blocker.unblock():
        tenant = tenant_called(f"walked-{uuid4().hex[:8]}")
        for _ in range(2):
            arrive(stage.web, tenant=tenant.slug, name="Mara").send("Do you ship to Riga?")
        return tenant


@pytest.fixture(scope="module")
def cookies(shop: Tenant, django_db_blocker: Any) -> dict[str, str]:
    """Sessions, made before there is a browser: while it runs, Django lets nobody write."""
    with django_db_blocker.unblock():
        staff = User.objects.create_superuser(f"{uuid4().hex}@chatorical.example", "a passphrase")
        owner = User.objects.create_user(
            f"{uuid4().hex}@walked.example", "a passphrase", is_staff=True
        )
        with tenant_scope(shop.pk) as tenant:
            add_member(tenant=tenant, user=owner, role=Member.Role.OWNER, actor=SYSTEM)
        return {"staff": _session(staff), "owner": _session(owner)}


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def walk(
    request: pytest.FixtureRequest, stage: Stage, cookies: dict[str, str], browser: Browser
) -> Iterator[Walk]:
    """The browser of somebody, `request.param`."""
    with browser.new_context(
        color_scheme="light", viewport={"width": 1400, "height": 900}
    ) as context:
        value = cookies[request.param]
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": stage.web}]
        )
        yield Walk(context.new_page(), stage.web)


@pytest.mark.parametrize("walk", ["staff", "owner"], indirect=True)
def test_no_page_needs_what_the_policy_forbids(walk: Walk) -> None:
    walk.everywhere()
    assert "\n".join(walk.complaints) == ""
    assert len(walk.visited) > 20, sorted(walk.visited)


@pytest.mark.parametrize("walk", ["staff"], indirect=True)
def test_what_moves_still_moves(walk: Walk) -> None:
    """Dark mode, menus, sidebar and filters: tried as people do."""
    page = walk.page
    html, sidebar = page.locator("html"), page.locator("#nav-sidebar")
    # The first one is for wide windows.
    toggle = page.get_by_text("dock_to_right", exact=True).first
    walk.open("/admin/")
    expect(page.locator(".c-chart")).to_be_visible()
    expect(page.get_by_text("Dark", exact=True)).to_be_hidden()
    page.get_by_text("unfold_more", exact=True).click()
    page.get_by_text("Dark", exact=True).click()
    expect(html).to_have_class(re.compile(r"\bdark\b"))
    toggle.click()
    expect(sidebar).to_be_hidden()

    walk.open("/admin/tenants/tenant/")
    expect(html).to_have_class(re.compile(r"\bdark\b"))
    expect(sidebar).to_be_hidden()
    toggle.click()
    expect(sidebar).to_be_visible()
    filters = page.locator("#changelist-filter")
    expect(filters).to_be_hidden()
    page.locator("a", has_text="Filters").first.click()
    expect(filters).to_be_visible()
    page.keyboard.press("Escape")
    expect(filters).to_be_hidden()

    # And the pages of those who have not signed in.
    page.context.clear_cookies()
    for path in ("/admin/login/", "/admin/invitations/nobody/nothing"):
        walk.open(path)
        page.evaluate(_CLICK_EVERYTHING)
    assert "\n".join(walk.complaints) == ""
