"""Agents give conversations to each other, and look at what was there before."""

from uuid import UUID, uuid4

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, new_agent, open_case
from conversations import services
from conversations.identity.models import Person
from conversations.models import Conversation
from conversations.visitors.models import Visitor
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk
from tests.conftest import Stage


@pytest.fixture
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


@pytest.fixture
def toms(default_tenant: Tenant) -> str:
    """A registered colleague, by the name that customers see."""
    name = f"Toms {uuid4().hex[:8]}"
    with tenant_scope(default_tenant.pk) as tenant:
        services.register_agent(
            tenant=tenant,
            channel_user_id=str(uuid4().int % 10**12),
            display_name=name,
            actor=SYSTEM,
        )
    return name


def test_a_conversation_is_given_to_a_colleague(
    case: Case, toms: str, default_tenant: Tenant
) -> None:
    socket = case.customer.socket()
    case.write("Ana", f"/assign @{toms.upper()}")
    assert socket.next_where(type="agent_joined")["agent"] == toms
    case.told(f"Ana has given this conversation to {toms}.")
    case.write("Ana", f"/assign {toms}")
    case.told(f"{toms} has this conversation already.")
    with tenant_scope(default_tenant.pk) as tenant:
        noted = AuditEntry.objects.get(
            tenant=tenant,
            object_id=case.customer.conversation_id,
            action="conversation.taken_over",
        )
        assert noted.actor_id == "7001", "who has given it"


def test_a_closed_one_is_reopened_and_a_blocked_one_is_not(
    case: Case, toms: str, default_tenant: Tenant
) -> None:
    case.write("Ana", "/close")
    case.wait_for_status("CLOSED")
    case.write("Ana", f"/assign {toms}")
    case.told(f"Ana has given this conversation to {toms}.")
    assert case.status == "OPEN_ASSIGNED"
    Desk(case.customer.conversation_id, tenant=default_tenant).block()
    case.write("Ana", f"/assign {toms}")
    case.told(texts.BLOCKED_CANNOT_CLAIM)


def test_a_name_must_be_one_colleagues(case: Case, toms: str) -> None:
    case.write("Ana", "/assign Nobody At All")
    case.told("no colleague is called Nobody At All")
    case.write("Ana", "/assign")
    case.told("Write /assign and a name: ")
    case.write("Ana", f"/assign {toms[:-2]}")
    case.told(f"Ana has given this conversation to {toms}.")


def test_who_has_the_same_name_to_the_customer_is_not_announced(stage: Stage) -> None:
    # Nobody gives these two a name for customers, as other tests may do to Ana and Greg.
    names = [f"Nameless {uuid4().hex[:8]}" for _ in range(2)]
    giver, taker = (new_agent(stage, name) for name in names)
    case = open_case(stage)
    case.claim(giver)
    case.write(taker, "// I was here")
    case.settled()
    socket = case.customer.socket()
    case.write(giver, f"/assign {names[1]}")
    case.told(f"{names[0]} has given this conversation to {names[1]}.")
    case.write(taker, "Hello")
    frame = socket.next()
    assert frame.get("text") == "Hello", "both are Support to the customer"


def test_the_language_is_changed_by_an_agent(case: Case, default_tenant: Tenant) -> None:
    case.write("Ana", "/lang pt_BR")
    case.told("Brazilian Portuguese")
    case.write("Ana", "/lang Klingon please")
    case.told(texts.LANGUAGE_INVALID)
    case.write("Ana", "/lang")
    case.settled()
    with tenant_scope(default_tenant.pk):
        conversation = Conversation.objects.get(pk=case.customer.conversation_id)
        assert conversation.locale == "pt-br"


def test_earlier_conversations_of_a_known_person_are_listed(
    stage: Stage, case: Case, default_tenant: Tenant
) -> None:
    case.write("Ana", "/history")
    case.told(texts.NO_EARLIER)
    earlier = open_case(stage, name="Mara")
    with tenant_scope(default_tenant.pk) as tenant:
        mara = Person.objects.create(tenant=tenant, subject=uuid4().hex)
        for one in (case, earlier):
            Visitor.objects.create(
                tenant=tenant, conversation_id=UUID(one.customer.conversation_id), person=mara
            )
    case.write("Greg", "/history")
    group = str(stage.group.chat_id).removeprefix("-100")
    listed = case.told(f"{earlier.customer.codename} · ").text
    assert "open, nobody yet" in listed
    assert listed.endswith(f"https://t.me/c/{group}/{earlier.thread_id}")
    assert case.customer.codename not in listed


def test_who_is_another_word_for_visitor(case: Case) -> None:
    case.write("Ana", "/who")
    case.told("the customer has the page open")
