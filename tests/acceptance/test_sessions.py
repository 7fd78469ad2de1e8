"""A visitor's session in a real browser: it lasts, tabs share it, and nothing of it leaks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from django.db.models import F
from playwright.sync_api import Browser, BrowserContext, Response, expect

from conversations.models import Conversation
from conversations.sessions.models import EndReason, Session
from conversations.sessions.services import end_session
from tenants.models import DEFAULT_TENANT_SLUG, Tenant
from tenants.scope import tenant_scope
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import Visitor
from tests.cast import Desk, tenant_called
from tests.conftest import Stage

Result = TypeVar("Result")

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakery</title>'
    '<link rel="icon" href="data:,"></head><body><script src="{web}/widget.js"></script>'
    "<script>SupportChat.init({options})</script></body></html>"
)
# All that lies in the browser for this page, and all the addresses that it has asked for.
KEPT = """async () => {
  const kept = [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = (event) => resolve(event.target.result);
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      const records = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
      kept.push(JSON.stringify(records));
      for (const { keys } of records) {
        const exported = crypto.subtle.exportKey('jwk', keys.privateKey);
        kept.push(`private key: ${JSON.stringify(await exported.catch(() => 'refused'))}`);
      }
    }
    db.close();
  }
  return { kept, addresses: performance.getEntries().map(({ name }) => name) };
}"""
# As far as a script can copy it: a key that cannot be exported is an empty object.
COPY = """async ({ local, name, record }) => {
  Object.assign(localStorage, local);
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('session');
  const db = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const writing = db.transaction('session', 'readwrite');
  writing.objectStore('session').put(record, 'current');
  await new Promise((resolve) => (writing.oncomplete = resolve));
  db.close();
}"""


@pytest.fixture
def bakery(committed_db: None) -> Tenant:
    """A tenant that is not the server's default one."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


@pytest.fixture(params=["default", "named"])
def tenant(request: pytest.FixtureRequest, bakery: Tenant) -> Tenant:
    if request.param == "default":
        return aside(lambda: tenant_called(DEFAULT_TENANT_SLUG))
    return bakery


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


@contextmanager
def site_of(stage: Stage, tenant: Tenant) -> Iterator[str]:
    """A page with this tenant's chat, which does not name the default tenant."""
    named = {} if tenant.slug == DEFAULT_TENANT_SLUG else {"tenant": tenant.slug}
    page = PAGE.replace("{web}", stage.web).replace("{options}", json.dumps(named))
    with website(page) as address:
        if named:
            let_embed(tenant, address)
        yield f"{address}/"


def within(tenant: Tenant, work: Callable[[Tenant], Result]) -> Result:
    """Run database work for a tenant, aside from the browser's loop."""

    def run() -> Result:
        with tenant_scope(tenant.pk) as scoped:
            return work(scoped)

    return aside(run)


def age(tenant: Tenant, conversation_id: str, by: timedelta) -> None:
    """Have this session been used for the last time so long ago."""
    moved = {name: F(name) - by for name in ("created_at", "last_used_at", "expires_at")}

    def move(_: Tenant) -> int:
        return Session.objects.filter(conversation=UUID(conversation_id)).update(**moved)

    assert within(tenant, move) == 1


def conversations_of(tenant: Tenant) -> int:
    return within(tenant, lambda _: Conversation.objects.count())


def test_a_session_goes_on_after_a_day_and_after_weeks_and_ends_after_thirty_days(
    context: BrowserContext, stage: Stage, tenant: Tenant
) -> None:
    with site_of(stage, tenant) as address:
        visitor = Visitor(context, address)
        conversation_id = visitor.start("One")
        visitor.sees("One")
        visitor.has_sent()
        said = ["One"]
        for by, text in ((timedelta(hours=26), "Two"), (timedelta(days=29), "Three")):
            visitor.page.goto("about:blank")
            age(tenant, conversation_id, by)
            answer = f"An answer before {text}"
            desk = Desk(conversation_id, tenant=tenant)
            aside(desk.claim)
            aside(partial(desk.reply, answer))
            visitor.come_back(address)
            visitor.sees(answer)
            visitor.write(text)
            said += [answer, text]
            for each in said:
                visitor.sees(each)
            visitor.has_sent()
        visitor.page.goto("about:blank")
        age(tenant, conversation_id, timedelta(days=31))
        visitor.come_back(address)
        expect(visitor.log.get_by_text(visitor.words["expired"])).to_be_visible()
        assert visitor.start("Four") != conversation_id
        visitor.sees("Four")
        expect(visitor.log.get_by_text(visitor.words["expired"])).to_have_count(0)
        assert visitor.faults == []


def test_tabs_that_begin_at_once_have_one_conversation(
    context: BrowserContext, stage: Stage, bakery: Tenant
) -> None:
    with site_of(stage, bakery) as address:
        tabs = [Visitor(context, address) for _ in range(2)]
        for number, tab in enumerate(tabs):
            tab.write(f"From tab {number}")
        for tab in tabs:
            for number in range(2):
                tab.sees(f"From tab {number}")
            assert tab.faults == []
    assert conversations_of(bakery) == 1


def test_nothing_that_opens_the_conversation_is_kept_or_stands_in_an_address(
    browser: Browser, context: BrowserContext, stage: Stage, tenant: Tenant
) -> None:
    secrets: list[str] = []
    addresses: list[str] = []

    def note(response: Response) -> None:
        if response.request.method == "POST" and "/v2/" in response.url and response.ok:
            secrets.append(response.json()["token" if "token" in response.json() else "challenge"])

    with site_of(stage, tenant) as address:
        visitor = Visitor(context, address)
        visitor.page.on("websocket", lambda socket: addresses.append(socket.url))
        visitor.page.on("response", note)
        conversation_id = visitor.start("One")
        visitor.has_sent()
        visitor.come_back()
        visitor.sees("One")
        visitor.write("Two")
        visitor.sees("Two")
        visitor.has_sent()
        seen = visitor.page.evaluate(KEPT)
        addresses += seen["addresses"]
        assert len(secrets) >= 4, "the first token, a challenge, its token, a socket's"
        assert any(url.startswith("ws") for url in addresses)
        for secret in secrets:
            assert secret not in " ".join((*seen["kept"], *addresses))
        assert conversation_id not in " ".join(seen["kept"])
        assert 'private key: "refused"' in seen["kept"]

        local = visitor.page.evaluate("({...localStorage})")
        name = next(key for key in local if key.endswith(":session")).removesuffix("session")
        record = {"id": json.loads(local[f"{name}session"]), "locale": "en"}
        record["keys"] = {"privateKey": {}, "publicKey": {}}
        with browser.new_context(locale="en-GB") as profile:
            page = profile.new_page()
            page.goto(f"{address}robots.txt")
            page.evaluate("SupportChat.destroy()")
            page.evaluate(COPY, {"local": local, "name": name, "record": record})
            page.close()
            thief = Visitor(profile, address)
            expect(thief.page.get_by_text(thief.words["expired"]).first).to_be_visible()
            thief.sees("One", times=0)
            assert thief.start("Who is there?") != conversation_id


def test_a_session_that_the_team_has_ended_leaves_the_screen(
    context: BrowserContext, stage: Stage, tenant: Tenant
) -> None:
    with site_of(stage, tenant) as address:
        visitor = Visitor(context, address)
        conversation_id = visitor.start("One")
        visitor.has_sent()

        def end(scoped: Tenant) -> None:
            session = Session.objects.get(conversation=UUID(conversation_id))
            assert end_session(
                tenant=scoped,
                conversation_id=UUID(conversation_id),
                session_id=session.pk,
                reason=EndReason.REVOKED,
            )

        within(tenant, end)
        visitor.sees(visitor.words["ended"])
        visitor.sees("One", times=0)
        assert visitor.start("Two") != conversation_id
        visitor.sees("Two")
        for text in ("One", visitor.words["ended"]):
            visitor.sees(text, times=0)
        assert visitor.faults == []


def test_a_visitor_is_forgotten(context: BrowserContext, stage: Stage, bakery: Tenant) -> None:
    with site_of(stage, bakery) as address:
        visitor = Visitor(context, address)
        first = visitor.start("One")
        visitor.has_sent()
        visitor.page.evaluate("SupportChat.forget()")
        expect(visitor.page.get_by_text(visitor.words["emptyTitle"])).to_be_visible()
        seen = visitor.page.evaluate(KEPT)
        assert "privateKey" not in " ".join(seen["kept"])
        session = within(bakery, lambda _: Session.objects.get(conversation=UUID(first)))
        assert session.end_reason == EndReason.FORGOTTEN
        visitor.come_back()
        assert visitor.start("Two") != first
        visitor.sees("Two")
        visitor.sees("One", times=0)
        assert visitor.faults == []
