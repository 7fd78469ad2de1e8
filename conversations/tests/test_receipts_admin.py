"""Receipts in the console: who has seen what, and whose look counts."""

import pytest
from django.test import Client
from django.urls import reverse

from conversations import services
from conversations.models import Conversation
from conversations.validation import Receipts
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.staff import console_of, words


@pytest.fixture
def asked(conversation: Conversation) -> Conversation:
    """One whose customer has asked something."""
    with tenant_scope(conversation.tenant_id) as tenant:
        services.add_customer_message(
            tenant=tenant, conversation_id=conversation.pk, text="Is anybody there?"
        )
    return conversation


def seen(conversation: Conversation) -> bool:
    with tenant_scope(conversation.tenant_id) as tenant:
        found = Conversation.objects.get(tenant=tenant, pk=conversation.pk)
        return found.agents_seen_seq == found.last_seq


def look(client: Client, conversation: Conversation) -> str:
    address = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return words(client.get(address))


def test_staff_and_viewers_have_not_seen_it_and_an_agent_has(
    console: Client, workspace: Tenant, asked: Conversation
) -> None:
    assert "Is anybody there?" in look(console, asked)
    assert "Is anybody there?" in look(console_of(workspace, Member.Role.VIEWER), asked)
    assert not seen(asked)
    look(console_of(workspace, Member.Role.AGENT), asked)
    assert seen(asked)
    assert "· seen" in look(console, asked)


def test_what_the_customer_has_seen_stands_under_the_answer(
    console: Client, asked: Conversation
) -> None:
    with tenant_scope(asked.tenant_id) as tenant:
        agent = services.see_agent(tenant=tenant, channel_user_id="7001", channel_name="Ana")
        services.claim_conversation(tenant=tenant, conversation_id=asked.pk, agent=agent)
        reply = services.add_agent_reply(
            tenant=tenant, conversation_id=asked.pk, agent=agent, text="Yes."
        )
    assert "· delivered" not in look(console, asked)
    for receipts, word in (
        (Receipts(delivered_seq=reply.seq), "· delivered"),
        (Receipts(seen_seq=reply.seq), "· seen"),
    ):
        with tenant_scope(asked.tenant_id) as tenant:
            services.note_receipts_of_customer(
                tenant=tenant, conversation_id=asked.pk, receipts=receipts
            )
        assert word in look(console, asked)
