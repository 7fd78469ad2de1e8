"""Files of messages in the widget, for a tenant of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Route, expect
from pytest_django import Settings

from attachments import services as files
from attachments.services import Allowance
from attachments.tests import hostile
from conversations import services
from conversations.attached import files_of
from conversations.models import Direction, Message
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_setting
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.waiting import wait_until

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
            prepared = files.prepare(written, name, allowance, tenant_id=tenant.pk)
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


def chooser(visitor: Visitor) -> Locator:
    """What the paper clip opens."""
    expect(visitor.page.get_by_role("button", name=visitor.words["fileAttach"])).to_be_visible()
    return visitor.page.locator("support-chat input[type=file]")


def file(name: str, content: bytes, kind: str = "text/plain") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def kept(tenant: Tenant, conversation_id: str) -> list[tuple[str, list[str]]]:
    """The customer's messages: their words, and the names of their files."""

    def read() -> list[tuple[str, list[str]]]:
        with tenant_scope(tenant.pk) as scoped:
            rows = Message.objects.filter(
                tenant=scoped, conversation=UUID(conversation_id), direction=Direction.INBOUND
            )
            return [(row.text, [f.name for f in files_of(row)]) for row in rows.order_by("seq")]

    return aside(read)


def test_files_are_chosen_pasted_and_dropped_and_leave_in_order(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    conversation_id = visitor.start("Here it comes")
    large = hostile.picture(size=(300, 200))
    chooser(visitor).set_input_files(
        [
            file("crumb.png", large, "image/png"),
            file("a.txt", b"Rye"),
        ]
    )
    chosen = visitor.page.get_by_role("list", name=visitor.words["fileChosen"])
    expect(chosen.get_by_role("listitem")).to_have_count(2)
    for kind in ("paste", "drop"):
        visitor.page.locator("support-chat .panel").evaluate(HAND_OVER, [kind, f"{kind}.txt"])
    expect(chosen.get_by_role("listitem")).to_have_count(4)
    # By keyboard alone: the one that was not meant goes, and focus stays nearby.
    unchoose = visitor.words["fileUnchoose"]
    visitor.page.get_by_role("button", name=unchoose.format(name="a.txt")).press("Enter")
    expect(
        visitor.page.get_by_role("button", name=unchoose.format(name="paste.txt"))
    ).to_be_focused()
    visitor.write("Look at this")
    visitor.write("And that is all")
    expect(chosen).to_have_count(0)
    is_drawn(visitor, "crumb.png", 300)
    visitor.sees("And that is all")
    wait_until(lambda: len(kept(bakery, conversation_id)) == 5, "all messages")
    assert kept(bakery, conversation_id) == [
        ("Here it comes", []),
        ("Look at this", ["crumb.png"]),
        ("", ["paste.txt"]),
        ("", ["drop.txt"]),
        ("And that is all", []),
    ]
    expect(visitor.log.locator(".message.own")).to_have_count(5)
    assert visitor.faults == []


HAND_OVER = """(panel, [kind, name]) => {
  const given = new DataTransfer();
  given.items.add(new File(['Rye'], name, { type: 'text/plain' }));
  const options = { bubbles: true, cancelable: true, dataTransfer: given, clipboardData: given };
  panel.dispatchEvent(
    kind === 'paste' ? new ClipboardEvent(kind, options) : new DragEvent(kind, options),
  );
}"""


def test_what_is_refused_says_why_and_holds_up_nobody(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    conversation_id = visitor.start("Hello")
    files = chooser(visitor)
    files.set_input_files([file("empty.txt", b""), file("huge.txt", b"x" * (10 * 1024 * 1024 + 1))])
    note = visitor.page.get_by_role("alert")
    expect(note).to_contain_text(visitor.words["fileEmpty"].format(name="empty.txt"))
    expect(note).to_contain_text(
        visitor.words["fileTooLarge"].format(name="huge.txt", size="10 MB")
    )
    files.set_input_files([file(f"{n}.txt", b"Rye") for n in range(11)])
    expect(note).to_have_text(visitor.words["fileTooMany"].format(count=10))
    visitor.page.reload()
    expect(visitor.composer).to_be_visible()

    chooser(visitor).set_input_files([file("page.html", hostile.HTML)])
    visitor.write("What is this?")
    visitor.write("Never mind")
    visitor.sees("Never mind")
    refused = visitor.log.locator("[data-state=failed]")
    expect(refused).to_contain_text(visitor.words["fileRefusedKind"], timeout=PATIENCE_MS)
    expect(refused.get_by_role("button", name=visitor.words["retry"])).to_have_count(0)
    refused.get_by_role("button", name=visitor.words["fileDiscard"], exact=True).click()
    expect(visitor.composer).to_have_value("What is this?")
    assert kept(bakery, conversation_id) == [("Hello", []), ("Never mind", [])]

    # Whoever comes next finds nothing that was chosen.
    chooser(visitor).set_input_files([file("mine.txt", b"Rye")])
    visitor.page.evaluate("SupportChat.forget()")
    expect(visitor.page.locator("support-chat .chosen")).to_be_hidden()
    expect(visitor.composer).to_have_value("")


def test_a_file_is_taken_back_and_one_that_a_reload_has_lost_says_so(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    conversation_id = visitor.start("Hello")
    context.route(UPLOADS, lambda route: None)
    for word, name in (("Take it", "a.txt"), ("Keep it", "b.txt")):
        chooser(visitor).set_input_files([file(name, b"Rye")])
        visitor.write(word)
        own = visitor.log.locator(".message.own").last
        expect(own).to_contain_text(name)
        if name == "a.txt":
            own.get_by_role("button", name=visitor.words["fileCancel"]).click()
            expect(visitor.composer).to_have_value("Take it")
    visitor.page.reload()
    expect(visitor.log).to_contain_text(visitor.words["fileLost"], timeout=PATIENCE_MS)
    visitor.log.get_by_role("button", name=visitor.words["fileDiscard"], exact=True).click()
    expect(visitor.composer).to_have_value("Keep it")
    context.unroute(UPLOADS)
    assert kept(bakery, conversation_id) == [("Hello", [])]


def test_a_file_without_an_answer_is_sent_again_and_kept_once(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    visitor = Visitor(context, site)
    conversation_id = visitor.start("Hello")
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    context.route(UPLOADS, lose)
    chooser(visitor).set_input_files([file("a.txt", b"Rye")])
    visitor.write("Once")
    visitor.has_sent()
    context.unroute(UPLOADS)
    assert kept(bakery, conversation_id) == [("Hello", []), ("Once", ["a.txt"])]
    expect(visitor.log.locator(".message.own")).to_have_count(2)


def test_no_button_where_the_tenant_takes_no_files(
    context: BrowserContext, site: str, bakery: Tenant
) -> None:
    def switch(on: bool) -> None:
        with tenant_scope(bakery.pk) as scoped:
            set_setting(tenant=scoped, key="attachments.allowed", value=on, actor=SYSTEM)

    aside(lambda: switch(False))
    try:
        visitor = Visitor(context, site)
        visitor.start("Hello")
        visitor.has_sent()
        clip = visitor.page.get_by_role("button", name=visitor.words["fileAttach"])
        expect(clip).to_have_count(0)
    finally:
        aside(lambda: switch(True))


UPLOADS = re.compile(r"/v2/conversations/[^/]+/attachments\?")
