"""A member sees how much of the plan is used, before and when it is used up."""

import re
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from billing import services as billing
from conversations import services as conversations
from conversations.models import Conversation
from tenants.audit import SYSTEM
from tenants.models import Member, Tenant
from tenants.scope import tenant_scope
from tests.staff import console_of, words


def sell(workspace: Tenant, **limits: Any) -> None:
    """Put the workspace on a plan with these limits."""
    plan = billing.create_plan(code=uuid4().hex, name="Corner shop", actor=SYSTEM, **limits)
    with tenant_scope(workspace.pk) as tenant:
        billing.assign_plan(tenant=tenant, code=plan.code, actor=SYSTEM)


def test_a_member_sees_each_limit_and_the_last_days(
    workspace: Tenant, conversation: Conversation
) -> None:
    sell(workspace, max_messages_per_month=4, max_members=5, hard_limits=["max_messages_per_month"])
    page = words(console_of(workspace, Member.Role.OWNER).get(reverse("usage")))
    assert "Plan: Corner shop" in page
    assert re.search(r"by its end\. Begins anew on 1 [A-Z][a-z]+ at 00:00 UTC\. More", page)
    assert "Messages from customers this month 1 of 4" in page
    assert "More is refused." in page
    assert "Members and invitations 1 of 5" in page
    # Without a limit there is a number, and no bar.
    assert "API keys 0 " in page
    assert "Messages per day" in page


def test_what_is_deleted_stays_in_the_numbers(
    workspace: Tenant, conversation: Conversation
) -> None:
    sell(workspace, max_messages_per_month=4)
    with tenant_scope(workspace.pk) as tenant:
        conversations.delete_conversation(
            tenant=tenant, conversation_id=conversation.pk, actor=SYSTEM
        )
    page = words(console_of(workspace, Member.Role.OWNER).get(reverse("usage")))
    assert "Messages from customers this month 1 of 4" in page


def test_the_overview_says_what_is_nearly_used_up(
    workspace: Tenant, conversation: Conversation
) -> None:
    owner = console_of(workspace, Member.Role.OWNER)
    sell(workspace, max_messages_per_month=2)
    assert "of what your plan allows" not in words(owner.get(reverse("admin:index")))
    sell(workspace, max_messages_per_month=1, hard_limits=["max_messages_per_month"])
    page = words(owner.get(reverse("admin:index")))
    assert "Messages from customers this month: 100 % of what your plan allows" in page
    assert "More is refused; agents can always answer." in page


def test_staff_say_whose_usage_they_want(console: Client, workspace: Tenant) -> None:
    assert console.get(reverse("usage")).status_code == 302
    page = words(console.get(reverse("usage"), {"tenant": str(workspace.pk)}))
    assert "Initech" in page
    assert "No plan" in page
    for unknown in (str(uuid4()), "nobody"):
        assert console.get(reverse("usage"), {"tenant": unknown}).status_code == 404


def test_an_agent_and_a_member_of_another_tenant_do_not_see_it(workspace: Tenant) -> None:
    agent = console_of(workspace, Member.Role.AGENT)
    assert agent.get(reverse("usage")).status_code in (302, 403)
    assert Client().get(reverse("usage")).status_code == 302
