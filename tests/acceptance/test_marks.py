"""What both sides see of each other: delivered, seen, writing; with sockets, and without."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from conversations import selectors
from conversations.models import Conversation, Message
from conversations.socket import realtime
from tenants.models import DEFAULT_TENANT_SLUG, Tenant
from tenants.scope import tenant_scope
from tests.acceptance.pages import website
from tests.aside import aside
from tests.browser import PATIENCE_MS, Visitor
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.waiting import wait_until

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakery</title>'
    '<link rel="icon" href="data:,"></head><body><script src="{web}/widget.js"></script>'
    "<script>SupportChat.init()</script></body></html>"
)
NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


@pytest.fixture
def tenant(committed_db: None) -> Tenant:
    """The one with a channel."""
    return aside(lambda: tenant_called(DEFAULT_TENANT_SLUG))


def found(tenant: Tenant, conversation_id: str) -> Conversation:
    def read() -> Conversation:
        with tenant_scope(tenant.pk) as scoped:
            return selectors.get_conversation(tenant=scoped, conversation_id=UUID(conversation_id))

    return aside(read)


def texts(tenant: Tenant, conversation_id: str) -> list[str]:
    def read() -> list[str]:
        with tenant_scope(tenant.pk) as scoped:
            rows = Message.objects.filter(tenant=scoped, conversation=UUID(conversation_id))
            return list(rows.order_by("seq").values_list("text", flat=True))

    return aside(read)


def is_writing(tenant: Tenant, conversation_id: str) -> None:
    """An agent begins to write somewhere."""
    conversation = found(tenant, conversation_id)

    def say() -> None:
        with tenant_scope(tenant.pk):
            realtime.push_agent_typing(conversation=conversation, agent_label="Ana")

    aside(say)


def stands(visitor: Visitor, state: str) -> None:
    """Wait until the newest own message is in this state."""
    newest = visitor.log.locator(".message.own .state").last
    expect(newest).to_have_text(visitor.words[state], timeout=PATIENCE_MS)


def test_both_sides_are_told_what_the_other_has_seen(
    context: BrowserContext, stage: Stage, tenant: Tenant
) -> None:
    with website(PAGE.replace("{web}", stage.web)) as site:
        visitor = Visitor(context, f"{site}/")
        conversation_id = visitor.start("Do you ship to Riga?")
        stands(visitor, "delivered")
        topic = stage.group.wait_for_topic(visitor.codename)
        controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
        wait_until(
            lambda: found(tenant, conversation_id).agents_delivered_seq == 1, "the kept mark"
        )
        stage.group.press("Ana", controls.message_id, "Claim")
        stands(visitor, "seen")
        visitor.come_back()
        stands(visitor, "seen")

        is_writing(tenant, conversation_id)
        presence = visitor.page.locator(".presence")
        expect(presence).to_have_text(visitor.words["presenceTyping"].format(agent="Ana"))
        stage.group.write("Ana", "We do.", topic.thread_id)
        visitor.sees("We do.")
        expect(presence).not_to_contain_text("writing")
        wait_until(
            lambda: (
                (conversation := found(tenant, conversation_id)).customer_seen_seq
                == conversation.last_seq
            ),
            "what the customer has seen",
        )
        visitor.composer.press("Escape")
        stage.group.write("Ana", "Until Friday.", topic.thread_id)
        wait_until(
            lambda: (
                (conversation := found(tenant, conversation_id)).customer_delivered_seq
                == conversation.last_seq
                > conversation.customer_seen_seq
            ),
            "what the closed chat has got",
        )
        assert visitor.faults == []


def test_without_sockets_all_of_it_arrives_once_and_in_order(
    context: BrowserContext, stage: Stage, tenant: Tenant
) -> None:
    context.add_init_script(NO_SOCKETS)
    with website(PAGE.replace("{web}", stage.web)) as site:
        visitor = Visitor(context, f"{site}/")
        conversation_id = visitor.start("One")
        visitor.has_sent()
        context.set_offline(True)
        for text in ("Two", "Three", "Four"):
            visitor.write(text)
        stands(visitor, "waiting")
        context.set_offline(False)
        visitor.has_sent()
        visitor.come_back()
        for text in ("One", "Two", "Three", "Four"):
            visitor.sees(text)
        assert texts(tenant, conversation_id) == ["One", "Two", "Three", "Four"]

        topic = stage.group.wait_for_topic(visitor.codename)
        controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
        wait_until(
            lambda: found(tenant, conversation_id).agents_delivered_seq == 4, "the kept mark"
        )
        stage.group.press("Ana", controls.message_id, "Claim")
        stage.group.wait_for_message("has claimed", topic.thread_id)
        stage.group.write("Ana", "Five", topic.thread_id)
        visitor.sees("Five")
        stands(visitor, "seen")
        wait_until(
            lambda: found(tenant, conversation_id).customer_seen_seq == 5,
            "what the customer has seen",
        )
        assert visitor.faults == []
