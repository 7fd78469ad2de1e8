"""Pages of a list are read along an index, however many conversations there are."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet

from chatorical.kernel.clock import now_ms
from conversations import selectors, services
from conversations.filters import ConversationFilter
from conversations.models import Agent, Conversation, Status
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_tenant

pytestmark = pytest.mark.django_db
CROWD = 20_000
Wish = Callable[[Tenant, Agent], QuerySet[Conversation]]


def such(**filters: object) -> Wish:
    """What a list with these conditions reads."""

    def rows(tenant: Tenant, _agent: Agent) -> QuerySet[Conversation]:
        wanted = ConversationFilter(**filters)  # type: ignore[arg-type]
        return wanted.narrow(selectors.list_conversations(tenant=tenant))

    return rows


def of_the_agent(tenant: Tenant, agent: Agent) -> QuerySet[Conversation]:
    """Those that one agent has."""
    return such(agent_id=agent.pk)(tenant, agent)


def in_status(*statuses: Status) -> Wish:
    """Those in these statuses."""
    return lambda tenant, _agent: selectors.list_conversations(tenant=tenant, statuses=statuses)


def later_page(tenant: Tenant, agent: Agent) -> QuerySet[Conversation]:
    """What follows a cursor."""
    return such()(tenant, agent).filter(created_at__lte=now_ms() - timedelta(seconds=9000))


@pytest.fixture
def crowded() -> tuple[Tenant, Agent]:
    """A tenant among others, with very many conversations, and one of its busy agents."""
    tenants = [create_tenant(slug=f"t-{uuid4().hex}", name="T", actor=SYSTEM) for _ in range(2)]
    for tenant in tenants:
        with tenant_scope(tenant.pk) as scoped:
            agent = services.register_agent(
                tenant=scoped, channel_user_id=1, display_name="Ana", actor=SYSTEM
            )
        with platform_scope("a crowd"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO conversations_conversation (id, tenant_id, codename, customer_name, "
                "about_note, locale, status, last_seq, created_at, updated_at, assigned_agent_id) "
                "SELECT gen_random_uuid(), %s, 'A', '', '', 'en', "
                "CASE WHEN n %% 100 = 0 THEN 'OPEN_ASSIGNED' WHEN n %% 999 = 0 THEN 'BLOCKED' "
                "ELSE 'CLOSED' END, 1, now() - n * interval '1 second', "
                "now() - n * interval '1 second', CASE WHEN n %% 100 = 0 THEN %s::uuid END "
                "FROM generate_series(1, %s) AS n",
                [tenant.pk, agent.pk, CROWD],
            )
            cursor.execute("ANALYZE conversations_conversation")
    return tenant, agent


PLANS: dict[str, tuple[Wish, str]] = {
    "everything": (such(), "conversation_newest"),
    "a later page": (later_page, "conversation_newest"),
    "an agent's": (of_the_agent, "conversation_by_agent"),
    "nobody's": (such(is_unassigned=True), "conversation_newest"),
    "a common status": (in_status(Status.CLOSED), "conversation_newest"),
    "a rare status": (in_status(Status.BLOCKED), "conversation_by_status"),
    "old ones": (such(created_before=now_ms() - timedelta(hours=2)), "conversation_newest"),
    "young ones": (such(created_after=now_ms() - timedelta(hours=2)), "conversation_newest"),
    # By their activity or by their age: what else is in the table decides what is cheaper.
    "active ones": (such(updated_after=now_ms() - timedelta(minutes=1)), "using conversation_"),
    "a language": (such(locale="en"), "conversation_newest"),
}


def test_a_page_reads_no_table(crowded: tuple[Tenant, Agent]) -> None:
    tenant, agent = crowded
    for name, (wish, index) in PLANS.items():
        with tenant_scope(tenant.pk) as scoped:
            plan = wish(scoped, agent).order_by("-created_at", "-pk")[:51].explain()
        assert "Seq Scan on conversations_conversation" not in plan, (name, plan)
        assert index in plan, (name, plan)
        # Whatever is walked, other tenants' rows are not.
        assert "tenant_id" in plan.split("Index Cond", 1)[1].split("\n")[0], (name, plan)
