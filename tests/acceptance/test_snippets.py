"""The lines that a tenant's website carries, as the visitor's browser meets them."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, expect

from conversations.models import Conversation
from tenants.console.snippet import pinned_snippet_of
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import Visitor
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Bakery</title>HEAD</head>
<body><h1>Bakery</h1>BODY</body>
</html>"""

BY_TAG = {
    "slug, anywhere": ('<script async src="WEB/widget.min.js" data-tenant="SLUG"></script>', ""),
    "slug, in the head": ('<script src="WEB/widget.js" data-tenant="SLUG"></script>', ""),
    "key": ("", '<script src="WEB/widget.js" data-key="KEY"></script>'),
    "key by init": (
        "",
        '<script src="WEB/widget.js"></script><script>SupportChat.init({key: "KEY"})</script>',
    ),
    "added by a tag manager": (
        "",
        """<script>
        const tag = document.createElement("script");
        Object.assign(tag, {src: "WEB/widget.js"}).dataset.tenant = "SLUG";
        window.addEventListener("load", () => document.head.append(tag));
        </script>""",
    ),
}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


@pytest.fixture
def bakery(committed_db: None) -> Tenant:
    """A tenant that is not the server's default one."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


def page_with(stage: Stage, tenant: Tenant, head: str, body: str) -> str:
    page = PAGE.replace("HEAD", head).replace("BODY", body)
    named = {"WEB": stage.web, "SLUG": tenant.slug, "KEY": tenant.widget_key}
    for name, value in named.items():
        page = page.replace(name, value)
    return page


def is_of(tenant: Tenant, conversation_id: str) -> bool:
    with tenant_scope(tenant.pk):
        return Conversation.objects.filter(pk=conversation_id).exists()


@pytest.mark.parametrize(("head", "body"), BY_TAG.values(), ids=BY_TAG.keys())
def test_a_tag_that_names_its_tenant_is_all_that_a_page_needs(
    head: str, body: str, context: BrowserContext, stage: Stage, bakery: Tenant
) -> None:
    with website(page_with(stage, bakery, head, body)) as address:
        let_embed(bakery, address)
        visitor = Visitor(context, address)
        conversation_id = visitor.start("Is there rye bread?")
        visitor.come_back()
        visitor.sees("Is there rye bread?")
        assert visitor.faults == []
    assert aside(lambda: is_of(bakery, conversation_id))


def test_the_line_for_one_build_is_checked_by_the_browser(
    context: BrowserContext, stage: Stage, bakery: Tenant
) -> None:
    line = pinned_snippet_of(bakery).replace(settings.PUBLIC_ORIGIN, stage.web)
    with website(page_with(stage, bakery, line, "")) as address:
        let_embed(bakery, address)
        visitor = Visitor(context, address)
        visitor.start("Is there rye bread?")
        assert visitor.faults == []
    forged = line.replace('integrity="sha384-', f'integrity="sha384-{"A" * 64}" data-was="')
    with website(page_with(stage, bakery, forged, "")) as address:
        page = context.new_page()
        page.goto(address, wait_until="load")
        assert page.evaluate("typeof SupportChat") == "undefined"


def test_an_init_of_the_page_comes_before_the_tag(
    context: BrowserContext, stage: Stage, bakery: Tenant
) -> None:
    body = """<script src="WEB/widget.js" data-tenant="SLUG"></script>
        <script>SupportChat.init({position: "left", strings: {title: "Rye and more"}})</script>"""
    with website(page_with(stage, bakery, "", body)) as address:
        let_embed(bakery, address)
        visitor = Visitor(context, address)
        expect(visitor.page.locator("support-chat")).to_have_count(1)
        expect(visitor.page.get_by_role("heading", name="Rye and more")).to_be_visible()
        visitor.start("Hello")
        assert visitor.faults == []
