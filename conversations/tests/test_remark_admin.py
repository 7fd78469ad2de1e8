"""Remarks in the console: among the messages of their time, and marked as what they are."""

from datetime import timedelta
from functools import partial

from django.test import Client
from django.urls import reverse

from conversations import services
from conversations.admin.chat import PAGE
from conversations.models import Conversation, Direction, Message, Remark
from kernel.clock import now_ms
from tenants.scope import tenant_scope
from tests.staff import words


def page_of(conversation: Conversation, before: int | None = None) -> str:
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return f"{address}?before={before}" if before else address


def test_a_remark_stands_where_it_was_made(console: Client, conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        agent = services.see_agent(tenant=tenant, channel_user_id="7001", channel_name="Ana")
        say = partial(services.add_customer_message, tenant=tenant, conversation_id=conversation.pk)
        remark = partial(services.add_remark, tenant=tenant, conversation_id=conversation.pk)
        say(text="First")
        remark(agent=agent, text="<b>Between</b>")
        say(text="Second")
        remark(agent=None, text="Last")
    shown = words(console.get(page_of(conversation)))
    places = [shown.index(text) for text in ("First", "<b>Between</b>", "Second", "Last")]
    assert places == sorted(places)
    assert "Ana · remark, only for colleagues" in shown
    assert "Program · remark, only for colleagues" in shown


def test_each_page_shows_the_remarks_of_its_time(
    console: Client, conversation: Conversation
) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        start, first = now_ms(), conversation.last_seq + 1
        Message.objects.bulk_create(
            Message(
                tenant=tenant,
                conversation=conversation,
                seq=first + minute,
                direction=Direction.INBOUND,
                text="A line",
                created_at=start + timedelta(minutes=minute),
            )
            for minute in range(PAGE + 2)
        )
        Remark.objects.bulk_create(
            Remark(
                tenant=tenant,
                conversation=conversation,
                text=f"remark {name}",
                created_at=start + timedelta(minutes=minute),
            )
            for name, minute in (("early", 0.5), ("late", PAGE), ("last", PAGE + 9))
        )
    newest = words(console.get(page_of(conversation)))
    assert "remark early" not in newest
    assert "remark late" in newest and "remark last" in newest
    earlier = words(console.get(page_of(conversation, before=first + 2)))
    assert "remark early" in earlier
    assert "remark late" not in earlier
