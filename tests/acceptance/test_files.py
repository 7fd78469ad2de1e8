"""Files of messages in the widget, for a tenant of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Route, expect
from pytest_django import Settings

from attachments import services as files
from attachments.services import Allowance
from attachments.tests import hostile
from conversations import services
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakery</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head><body><h1>Bakery</h1>
<script src="{web}/widget.js" data-tenant="{tenant}"></script></body></html>"""


@pytest.fixture(scope="module")
def bakery(stage: Stage) -> Tenant:
    """A tenant that no other test knows."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


@pytest.fixture(scope="module")
def site(stage: Stage, bakery: Tenant) -> Iterator[str]:
    """A page with the bakery's chat."""
    page = PAGE.replace("{web}", stage.web).replace("{tenant}", bakery.slug)
    with website(page) as address:
        let_embed(bakery, address)
        yield address


@pytest.fixture(autouse=True)
def same_address(stage: Stage, settings: Settings) -> None:
    """What tests push names the files' addresses as the stage does."""
    settings.PUBLIC_ORIGIN = stage.web


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


Answer = Callable[[str, str, bytes], None]


def answering(tenant: Tenant, conversation_id: str) -> Answer:
    """What an agent does who answers that conversation with a text and a file."""

    def answer(text: str, name: str, content: bytes) -> None:
        with tenant_scope(tenant.pk) as scoped:
            allowance = Allowance.of(scoped)
        with files.temporary_file() as written:
            written.write(content)
            prepared = files.prepare(written, name, allowance)
            with closing(prepared.content):
                stored = files.store(
                    tenant_id=tenant.pk, conversation_id=UUID(conversation_id), prepared=prepared
                )
        with tenant_scope(tenant.pk) as scoped:
            message = services.add_agent_reply(
                tenant=scoped,
                conversation_id=UUID(conversation_id),
                agent=None,
                text=text,
                label="Ana",
                files=[files.described(stored)],
                was_claimed=True,
            )
            files.attach(tenant=scoped, files=[stored], message=message)

    return lambda text, name, content: aside(lambda: answer(text, name, content))


def picture_of(visitor: Visitor, name: str) -> Locator:
    """A picture among the messages, by its alternative text."""
    return visitor.log.get_by_role("img", name=visitor.words["filePicture"].format(name=name))


def size_of(picture: Locator) -> tuple[float, float]:
    """How much room it takes."""
    box = picture.bounding_box()
    assert box is not None
    return round(box["width"]), round(box["height"])


def is_drawn(visitor: Visitor, name: str, width: int) -> None:
    """Wait until the picture itself is there, which is so wide."""
    expect(picture_of(visitor, name)).to_have_js_property(
        "naturalWidth", width, timeout=PATIENCE_MS
    )


def test_an_agents_files_are_shown_where_they_belong(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    held: list[Route] = []
    context.route("**/v2/attachments/**", lambda route: held.append(route))
    answer = answering(bakery, visitor.start("What is in it?"))
    answer("This is", "loaf.png", hostile.picture(size=(1600, 900)))
    picture = picture_of(visitor, "loaf.png")
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    # It has its room before it has come.
    assert size_of(picture) == (220, 124)
    with visitor.page.expect_response("**/v2/attachments/**"):
        held[0].continue_()
    context.unroute("**/v2/attachments/**")
    is_drawn(visitor, "loaf.png", 1600)
    assert size_of(picture) == (220, 124)
    visitor.sees("This is")

    answer("", "list.txt", b"Rye, water, salt")
    row = visitor.log.get_by_role("link", name=re.compile("^Download list.txt, "))
    expect(row).to_contain_text("16 byte")
    expect(visitor.log).not_to_contain_text("http")
    with visitor.page.expect_download() as download:
        row.click()
    assert download.value.path().read_bytes() == b"Rye, water, salt"

    visitor.page.reload()
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    with context.expect_page() as tab:
        picture.click()
    assert urlsplit(tab.value.url).path.startswith("/v2/attachments/")
    assert tab.value.evaluate("opener") is None
    assert visitor.faults == []


def test_an_address_that_is_over_is_asked_for_again(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    answer = answering(bakery, visitor.start("What is in it?"))
    answer("", "loaf.png", hostile.picture(size=(200, 100)))
    picture = picture_of(visitor, "loaf.png")
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    visitor.page.goto("about:blank")
    refused: list[str] = []

    def spoil(route: Route) -> None:
        if refused:
            route.continue_()
            return
        answered = route.fetch()
        route.fulfill(response=answered, body=answered.text().replace("?key=", "?key=0"))

    # A refusal is no picture, so that the browser hands it to nobody.
    context.on("requestfailed", lambda request: refused.append(request.url))
    context.route(re.compile(r"/v1/conversations/[^/]+/messages\?"), spoil)
    visitor.page.goto(site)
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    is_drawn(visitor, "loaf.png", 200)
    assert len(refused) == 1 and "?key=0" in refused[0]


def test_files_are_links_where_what_shows_them_does_not_come(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    context.route("**/widget/files-*", lambda route: route.abort())
    visitor = Visitor(context, site)
    answering(bakery, visitor.start("What is in it?"))("All of it", "list.txt", b"Rye")
    link = visitor.log.get_by_role("link", name=re.compile("attachments"))
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    expect(visitor.log).to_contain_text(re.compile("All of it\\s+list.txt: http"))
