"""What the agents' channel has accepted, as it is kept."""

import threading
from uuid import uuid4

import pytest
from django.db import connection

from channels_telegram.outgoing import effects, handlers
from channels_telegram.outgoing.kinds import POST, CompletedMessage
from channels_telegram.tests.cases import TIMEOUT_SECONDS, open_case
from conversations import selectors, services
from conversations.models import Conversation
from outbox.models import OutboxItem
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.sockets.typed import typed
from tests.stage import Stage


@pytest.fixture
def conversation(default_tenant: Tenant) -> Conversation:
    """One with three messages of its customer."""
    with tenant_scope(default_tenant.pk) as tenant:
        started = services.start_conversation(tenant=tenant, customer_name="", locale="en")
        for text in ("One", "Two", "Three"):
            services.add_customer_message(tenant=tenant, conversation_id=started.pk, text=text)
    return started


def items_of(conversation: Conversation) -> list[OutboxItem]:
    with tenant_scope(conversation.tenant_id) as tenant:
        order = effects.ordering_key(conversation.pk)
        items = OutboxItem.objects.filter(tenant=tenant, kind=POST.name, ordering_key=order)
        return list(items.order_by("pk"))


def completed(seq: int) -> CompletedMessage:
    return CompletedMessage(uuid4(), seq)


def delivered(conversation: Conversation, seq: int) -> int:
    """What is kept once the post of a message is on record."""
    item = items_of(conversation)[-1]
    with tenant_scope(conversation.tenant_id):
        handlers.note_delivered(item, conversation.pk, [completed(seq)])
    return kept(conversation)


def kept(conversation: Conversation) -> int:
    with tenant_scope(conversation.tenant_id) as tenant:
        found = Conversation.objects.get(tenant=tenant, pk=conversation.pk)
        return found.agents_delivered_seq


def test_a_post_that_was_given_up_keeps_the_mark_back(conversation: Conversation) -> None:
    assert delivered(conversation, 1) == 1
    with tenant_scope(conversation.tenant_id) as tenant:
        second = items_of(conversation)[1]
        given_up = OutboxItem.objects.filter(tenant=tenant, pk=second.pk)
        given_up.update(status=OutboxItem.Status.DEAD)
    assert delivered(conversation, 3) == 1, "the second message is not there"
    with tenant_scope(conversation.tenant_id):
        given_up.update(status=OutboxItem.Status.DONE)
    assert delivered(conversation, 2) == 2
    assert delivered(conversation, 1) == 2, "it never goes back"


def test_a_locked_conversation_is_marked_after_the_items_are_free(
    conversation: Conversation,
) -> None:
    is_locked, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with tenant_scope(conversation.tenant_id) as tenant:
                selectors.lock_conversation(tenant=tenant, conversation_id=conversation.pk)
                is_locked.set()
                may_go.wait()
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait()
    item = items_of(conversation)[-1]
    with tenant_scope(conversation.tenant_id):
        handlers.note_delivered(item, conversation.pk, [completed(3)])
        assert kept(conversation) == 0, "it does not wait here"
        may_go.set()
    holder.join()
    assert kept(conversation) == 3


def test_nothing_after_a_post_that_was_given_up_is_called_delivered(stage: Stage) -> None:
    case = open_case(stage)
    fault = stage.simulator.add_fault(
        "error", name="parse_mode", method="sendMessage", text="marked", times=None
    )
    with typed(case.customer, shows_all=True) as socket:
        for line in ("marked", "after it"):
            case.customer.send(line)
        case.told(": after it")
        case.claim()
        frames = [socket.next(TIMEOUT_SECONDS)]
        while frames[-1]["type"] != "agent_joined":
            frames.append(socket.next(TIMEOUT_SECONDS))
    stage.simulator.remove_fault(fault)
    told = {frame["id"] for frame in frames if frame["type"] == "delivered"}
    history = case.customer.history()["messages"]
    assert not told & {message["id"] for message in history if message["text"] != case.first_line}
