"""The chat on pages that make it hard: refusing browsers, old libraries, caches, wrong clocks."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_tenant_status
from tests.acceptance.pages import website
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import setting, tenant_called
from tests.conftest import Stage

# What Prototype 1.5 to 1.7 and MooTools 1.2 to 1.4 do to the built-ins, as far as it can be met.
OLD_LIBRARIES = """
Array.prototype.toJSON = function () { return '[' + this.map(String).join(', ') + ']'; };
String.prototype.toJSON = function () { return '"' + this + '"'; };
Number.prototype.toJSON = Date.prototype.toJSON = function () { return String(this); };
Object.prototype.extra = function () {};
Array.prototype.each = function (use) {
  for (var i = 0; i < this.length; i++) use(this[i], i); return this;
};
Array.prototype.map = function (use, self) {
  var all = []; this.each(function (x, i) { all.push(use.call(self, x, i)); }); return all;
};
Array.prototype.filter = function (use, self) {
  var all = []; this.each(function (x, i) { if (use.call(self, x, i)) all.push(x); }); return all;
};
Array.prototype.find = function (use, self) { return this.filter(use, self)[0]; };
Array.prototype.entries = Array.prototype.toArray = function () { return [].concat(this); };
Array.prototype.reduce = function () { return this.length > 1 ? this : this[0]; };
Array.prototype.include = function (x) { return this.indexOf(x) !== -1; };
Array.from = function (item) {
  if (!item) return []; var i = item.length || 0, all = new Array(i);
  while (i--) all[i] = item[i]; return all;
};
Object.keys = function (row) { var all = []; for (var key in row) all.push(key); return all; };
Object.values = function (row) {
  var all = []; for (var key in row) all.push(row[key]); return all;
};
Function.prototype.bind = function (self, given) {
  var use = this; return function () { return use.apply(self, given || arguments); };
};
Element.prototype.remove = function () { this.parentNode.removeChild(this); return this; };
Element.prototype.show = Element.prototype.update = function () { return this; };
HTMLElement.prototype.select = function () { return []; };
Date.parse = function (text) { return new Date(text); };
window.JSON = { encode: String, decode: String };
window.Document = window.Element = function () {};
window.Event = window.Request = function () {};
window.URL = '/';
window.Promise = function (use) {
  var state = 0, value, waiting = [];
  function settle(to) { return function (x) {
    if (state) return; state = to; value = x; waiting.splice(0).forEach(run);
  }; }
  function run(one) { setTimeout(function () { var use = one[state - 1]; use && use(value); }); }
  this.then = function (done, failed) {
    var one = [done, failed]; state ? run(one) : waiting.push(one);
  };
  use(settle(1), settle(2));
};
window.Promise.race = function (all) {
  return new window.Promise(function (done, failed) {
    all.forEach(function (x) { x.then(done, failed); });
  });
};
"""
CACHE_ALL = """
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  event.respondWith(caches.open('all').then(async (cache) => {
    const kept = await cache.match(event.request);
    if (kept) return kept;
    const fresh = await fetch(event.request);
    cache.put(event.request, fresh.clone());
    return fresh;
  }));
});
"""
# Ahead of the right time by as much as the page says.
WRONG_CLOCK = """
const Right = Date;
window.Date = class extends Right {
  constructor(...given) { given.length ? super(...given) : super(window.Date.now()); }
  static now() { return Right.now() + Number(sessionStorage.wrongBy ?? 0); }
};
"""


def page_with(web: str, *, head: str = "", body: str = "", options: str = "locale: 'en'") -> str:
    """A page with the chat on it."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>'
        f'<link rel="icon" href="data:,">{head}</head><body>{body}'
        f'<script src="{web}/widget.js"></script>'
        f"<script>SupportChat.init({{{options}}})</script></body></html>"
    )


@dataclass(frozen=True)
class Slugs:
    """Of tenants on whose chats not everything is as usual."""

    unlisted: str
    """Allows no website."""
    listed: str
    """Allows every website; its histories need a token."""
    suspended: str


@pytest.fixture(scope="module", autouse=True)
def slugs(stage: Stage, django_db_blocker: object) -> Iterator[Slugs]:
    """Made before there is a browser, which closes the database to its thread."""
    with django_db_blocker.unblock(), ExitStack() as settings:  # type: ignore[attr-defined]
        unlisted, listed, suspended = (tenant_called(f"host-{uuid4().hex[:8]}") for _ in range(3))
        for tenant in (listed, suspended):
            settings.enter_context(setting(tenant, "allowedOrigins", ["*"]))
        with tenant_scope(suspended.pk) as scoped:
            set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
        yield Slugs(unlisted.slug, listed.slug, suspended.slug)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


@contextmanager
def visiting(context: BrowserContext, page: str) -> Iterator[Visitor]:
    """A visitor of a site that has just this page, where no script fails."""
    with website(page) as address:
        visitor = Visitor(context, f"{address}/")
        yield visitor
        assert visitor.faults == []


def test_in_a_sandboxed_frame(context: BrowserContext, stage: Stage) -> None:
    inner = page_with(stage.web).replace('"', "&quot;")
    outer = f'<!doctype html><iframe sandbox="allow-scripts" width=900 height=700 srcdoc="{inner}">'
    with website(outer) as address:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Open chat").click()
        text = f"From the sandbox {uuid4().hex[:8]}"
        composer = frame.get_by_role("textbox", name="Message", exact=True)
        composer.fill(text)
        composer.press("Enter")
        own = frame.locator(".message.own", has_text=text)
        expect(own.locator(".state")).to_have_text(SENT, timeout=PATIENCE_MS)
        expect(frame.get_by_text("Somebody will be with you shortly")).to_be_visible()
        composer.fill("and again")
        composer.press("Enter")
        expect(frame.locator(".message.own", has_text="and again").locator(".state")).to_have_text(
            SENT, timeout=PATIENCE_MS
        )
        assert faults == []


REFUSALS = {
    "no storage": """
      Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }});
    """,
    "no database": """
      Object.defineProperty(window, 'indexedDB', {get() { throw new Error('no') }});
    """,
    "no cryptography": "Object.defineProperty(crypto, 'subtle', {value: undefined});",
    "storage that keeps nothing": "Storage.prototype.setItem = () => undefined;",
    "locks that fail": "navigator.locks.request = () => Promise.reject(new Error('no'));",
    "nothing optional": """
      for (const name of ['matchMedia', 'ResizeObserver', 'AudioContext']) window[name] = undefined;
      Object.defineProperty(crypto, 'randomUUID', {value: undefined});
      Object.defineProperty(navigator, 'locks', {value: undefined});
      Object.defineProperty(navigator, 'vibrate', {value: undefined});
      history.pushState = history.pushState; Object.freeze(history);
    """,
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_where_the_browser_refuses(context: BrowserContext, stage: Stage, refusal: str) -> None:
    page = page_with(stage.web, head=f"<script>{REFUSALS[refusal]}</script>")
    with visiting(context, page) as visitor:
        visitor.start("Hello")
        visitor.write("Again")
        for text in ("Hello", "Again"):
            visitor.sees(text)
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.wait_for_message(": Again", topic.thread_id)


def test_beside_old_libraries(context: BrowserContext, stage: Stage) -> None:
    page = page_with(stage.web, head=f"<script>{OLD_LIBRARIES}</script>")
    with visiting(context, page) as visitor:
        visitor.start('One "quoted" \\ word')
        visitor.write("2026-03-05T10:00:00Z")
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.wait_for_message(": 2026-03-05T10:00:00Z", topic.thread_id)
        stage.group.write("Ana", "/claim", topic.thread_id)
        stage.group.write("Ana", "An answer", topic.thread_id)
        visitor.sees("An answer")
        visitor.come_back()
        for text in ('One "quoted" \\ word', "2026-03-05T10:00:00Z", "An answer"):
            visitor.sees(text)
        assert visitor.page.evaluate(
            "Object.keys(localStorage).some((key) => /session$/.test(key))"
        )


def test_a_fault_in_sending_is_shown_and_can_be_tried_again(
    context: BrowserContext, stage: Stage
) -> None:
    with visiting(context, page_with(stage.web)) as visitor:
        visitor.page.evaluate(
            """() => {
              const { request } = navigator.locks;
              navigator.locks.request = (name, work) => request.call(navigator.locks, name, () => {
                const { find } = Array.prototype;
                Array.prototype.find = () => { throw new Error('patched') };
                return work().finally(() => (Array.prototype.find = find));
              });
              window.mend = () => { delete navigator.locks.request };
            }"""
        )
        visitor.write("Hello")
        failed = visitor.log.locator(".message.own[data-state=failed]")
        expect(failed).to_be_visible()
        assert len(visitor.told) == 1
        visitor.page.evaluate("mend()")
        failed.get_by_role("button", name="Try again").click()
        visitor.has_sent()


@pytest.mark.parametrize("wrong_by_hours", [24, -24])
def test_a_clock_put_right_stops_no_message(
    context: BrowserContext, stage: Stage, wrong_by_hours: int
) -> None:
    page = page_with(stage.web, head=f"<script>{WRONG_CLOCK}</script>")
    with visiting(context, page) as visitor:
        visitor.page.evaluate("ms => (sessionStorage.wrongBy = ms)", wrong_by_hours * 3_600_000)
        visitor.come_back()
        visitor.start("Begun at the wrong time")
        visitor.has_sent()
        expect(visitor.log.locator(".day")).to_have_text("Today")
        visitor.page.evaluate("() => { sessionStorage.wrongBy = 0 }")
        begun: list[str] = []
        visitor.page.on("request", lambda request: begun.append(request.url))
        visitor.come_back()
        visitor.write("Now at the right time")
        for text in ("Begun at the wrong time", "Now at the right time"):
            visitor.sees(text)
        visitor.has_sent()
        assert not [url for url in begun if url.endswith("/v2/sessions")], "the same conversation"


def test_a_service_worker_that_keeps_every_answer(context: BrowserContext, stage: Stage) -> None:
    register = """<script>navigator.serviceWorker.register('/sw.js');
      navigator.serviceWorker.ready.then(() => document.documentElement.dataset.worker = 'yes')
    </script>"""
    with website(page_with(stage.web, head=register), {"/sw.js": CACHE_ALL}) as address:
        visitor = Visitor(context, f"{address}/")
        expect(visitor.page.locator("html[data-worker=yes]")).to_be_attached()
        visitor.come_back()
        assert visitor.page.evaluate("!!navigator.serviceWorker.controller")
        visitor.start("first")
        visitor.sees("first")
        visitor.come_back()
        visitor.sees("first")
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.write("Ana", "/claim", topic.thread_id)
        stage.group.write("Ana", "an answer", topic.thread_id)
        visitor.sees("an answer")
        for _ in range(2):
            visitor.come_back()
            for text in ("first", "an answer"):
                visitor.sees(text)


NAMED = {
    "before": '<div id="SupportChat">Help</div>',
    "a form": '<form name="SupportChat"><input name="init"></form>',
    "two": '<a id="SupportChat"></a><img name="SupportChat" alt="">',
    "a stub": "<script>var SupportChat = SupportChat || [];</script>",
    "a picture": '<img name="currentScript" src="/x.png" alt="">',
}


@pytest.mark.parametrize("named", NAMED)
def test_something_else_has_the_name(context: BrowserContext, stage: Stage, named: str) -> None:
    with visiting(context, page_with(stage.web, body=NAMED[named])) as visitor:
        visitor.start("Hello")
        visitor.sees("Hello")


def test_an_element_of_the_name_that_comes_later(context: BrowserContext, stage: Stage) -> None:
    page = (
        f'<!doctype html><html lang="en"><script async src="{stage.web}/widget.js" '
        'onload="SupportChat.init()"></script><body><div id="SupportChat"></div>'
    )
    with visiting(context, page) as visitor:
        visitor.page.evaluate(
            "document.body.append(Object.assign(document.createElement('p'), {id: 'SupportChat'}))"
        )
        assert visitor.page.evaluate("typeof SupportChat.init") == "function"


def test_the_pages_landmarks_stay_its_own(context: BrowserContext, stage: Stage) -> None:
    body = "<header>Shop</header><nav>Menu</nav><main>Mugs</main><footer>Imprint</footer>"
    with visiting(context, page_with(stage.web, body=body)) as visitor:
        visitor.start("Hello")
        for role in ("banner", "navigation", "main", "contentinfo"):
            expect(visitor.page.get_by_role(role)).to_have_count(1)


EXCHANGE_BODY = """() => {
    const next = document.createElement("body");
    next.innerHTML = "<h1>Another page</h1>";
    document.documentElement.replaceChild(next, document.body);
}"""


def test_a_body_that_is_exchanged_keeps_the_chat(context: BrowserContext, stage: Stage) -> None:
    with visiting(context, page_with(stage.web)) as visitor:
        visitor.start("Hello")
        visitor.composer.fill("I was just about to")
        visitor.page.evaluate(EXCHANGE_BODY)
        expect(visitor.page.get_by_role("heading", name="Another page")).to_be_visible()
        expect(visitor.page.locator("body > support-chat")).to_have_count(1)
        visitor.sees("Hello")
        expect(visitor.composer).to_have_value("I was just about to")
        visitor.composer.press("Enter")
        visitor.sees("I was just about to")
        visitor.page.evaluate("() => SupportChat.destroy()")
        visitor.page.evaluate(EXCHANGE_BODY)
        visitor.page.evaluate("() => (document.documentElement.lang = 'fr')")
        expect(visitor.page.get_by_role("heading", name="Another page")).to_be_visible()
        expect(visitor.page.locator("support-chat")).to_have_count(0)


def test_links_of_all_kinds(context: BrowserContext, stage: Stage) -> None:
    with visiting(context, page_with(stage.web)) as visitor:
        visitor.start("请看 https://shop.example/a。谢谢 help@shop.example, +371 20 000 000; it's")
        for href, text in (
            ("https://shop.example/a", "https://shop.example/a"),
            ("mailto:help@shop.example", "help@shop.example"),
            ("tel:+37120000000", "+371 20 000 000"),
        ):
            link = visitor.log.locator(f'a[href="{href}"]')
            expect(link).to_have_text(text)
            expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(visitor.log.locator("a")).to_have_count(3)


def test_the_texts_of_a_reopening_are_in_order(context: BrowserContext, stage: Stage) -> None:
    with visiting(context, page_with(stage.web)) as visitor:
        visitor.start("Hello")
        topic = stage.group.wait_for_topic(visitor.codename)
        stage.group.write("Ana", "/claim", topic.thread_id)
        stage.group.write("Ana", "/close", topic.thread_id)
        expect(visitor.log.get_by_text("We have closed")).to_be_visible(timeout=PATIENCE_MS)
        visitor.write("One more thing")
        waiting = visitor.log.locator(".note", has_text="Somebody will be with you")
        expect(waiting).to_be_visible(timeout=PATIENCE_MS)
        said = visitor.log.inner_text()
        order = ["One more thing", "We have reopened", "Somebody will be with you"]
        assert [said.rindex(text) for text in order] == sorted(said.rindex(text) for text in order)


# The agents may have it, too.
SENT = re.compile("^(Sent|Delivered)$")
CONTACT = "contact: 'help@shop.example'"


def test_a_website_that_is_not_allowed(stage: Stage, slugs: Slugs, context: BrowserContext) -> None:
    options = f"locale: 'en', tenant: '{slugs.unlisted}', {CONTACT}"
    with visiting(context, page_with(stage.web, options=options)) as visitor:
        visitor.write("Hello")
        note = visitor.log.locator(".note", has_text=visitor.words["unavailable"])
        expect(note).to_be_visible(timeout=PATIENCE_MS)
        expect(note.locator("a")).to_have_attribute("href", "mailto:help@shop.example")
        origin = visitor.page.evaluate("location.origin")
        assert [
            line for line in visitor.told if origin in line and slugs.unlisted in line
        ] == visitor.told
        assert len(visitor.told) == 1


def test_a_workspace_that_is_switched_off(
    stage: Stage, slugs: Slugs, context: BrowserContext
) -> None:
    options = f"locale: 'en', tenant: '{slugs.suspended}', {CONTACT}"
    with visiting(context, page_with(stage.web, options=options)) as visitor:
        visitor.write("Hello")
        note = visitor.log.locator(".note", has_text=visitor.words["unavailable"])
        expect(note).to_be_visible(timeout=PATIENCE_MS)
        expect(note.locator("a")).to_have_text("help@shop.example")
        failed = visitor.log.locator(".message.own[data-state=failed]")
        expect(failed).to_contain_text(visitor.words["failedSuspended"])
        expect(failed.get_by_role("button", name="Try again")).to_be_visible()
        assert "tenant_suspended" in " ".join(visitor.told)


def test_a_policy_that_forbids_the_server(context: BrowserContext, stage: Stage) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"connect-src 'self'\">"
    with visiting(context, page_with(stage.web, head=policy)) as visitor:
        visitor.write("Hello")
        note = visitor.log.locator(".note", has_text=visitor.words["unavailable"])
        expect(note).to_be_visible(timeout=PATIENCE_MS)
        assert "connect-src" in " ".join(visitor.told)
        assert stage.web in " ".join(visitor.told)
