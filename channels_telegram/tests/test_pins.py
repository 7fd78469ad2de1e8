"""Notes that a tenant wants at the top of the topic."""

from uuid import UUID

from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case, open_case
from conversations.events import AgentsNotified
from conversations.models import Conversation
from kernel import events
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage


def say_to_agents(tenant: Tenant, case: Case, text: str) -> None:
    """As a reminder does that is to be pinned."""
    with tenant_scope(tenant.pk) as scoped:
        conversation = Conversation.objects.get(
            tenant=scoped, pk=UUID(case.customer.conversation_id)
        )
        events.publish(AgentsNotified(scoped, conversation, text, "reminder", is_pinned=True))


def test_a_note_can_be_pinned(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    say_to_agents(default_tenant, case, "Who can take this one?")
    posted = case.told("Who can take this one?")
    stage.simulator.wait_for(
        lambda: stage.group.message(posted.message_id).is_pinned, "the pin", TIMEOUT_SECONDS
    )


def test_a_pin_that_is_not_allowed_holds_nothing_up(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    before = stage.simulator.last_call
    stage.simulator.add_fault("error", method="pinChatMessage", name="no_right_pin")
    say_to_agents(default_tenant, case, "Who can take this one?")
    stage.simulator.wait_for_call("pinChatMessage", after=before, status=400)
    case.customer.send("hello?")
    case.told(": hello?")
    assert len([text for text in case.texts() if "take this one" in text]) == 1
    assert len(stage.simulator.calls("pinChatMessage", after=before)) == 1
