"""Taking a conversation on, and over."""

from uuid import UUID

from conversations import selectors
from conversations.errors import AlreadyClaimed, ConversationNotClaimable
from conversations.events import AgentsHaveSeen, ConversationClaimed, ConversationReopened
from conversations.models import OPEN_STATUSES, Agent, Conversation, Status
from conversations.services import receipts, response_times
from conversations.services.audit_entries import note_change
from conversations.services.lifecycle import mark_reopened
from conversations.services.messaging import agent_actor
from kernel import events
from kernel.clock import now_ms
from tenants.audit import Actor
from tenants.models import Tenant


def claim_conversation(
    *,
    tenant: Tenant,
    conversation_id: UUID,
    agent: Agent,
    take_over: bool = False,
    reopens: bool = False,
    actor: Actor | None = None,
) -> Conversation:
    """Make `agent` the one who has it; with `take_over`, also out of a colleague's hands.

    With `reopens`, a closed conversation is opened again first. `actor` is who has decided that,
    where it is not the agent.

    Claiming what one has already changes nothing and is no error. Raises ConversationNotFound,
    ConversationNotClaimable when blocked or (unless `reopens`) closed, AlreadyClaimed when another
    agent has it.
    """
    decider = actor or agent_actor(agent)
    # The row's lock decides the race: two agents may press Claim in the same moment.
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=conversation_id)
    if reopens and conversation.status == Status.CLOSED:
        mark_reopened(tenant=tenant, conversation=conversation, actor=decider)
        events.publish(ConversationReopened(tenant, conversation, decider))
    if conversation.status not in OPEN_STATUSES:
        raise ConversationNotClaimable(conversation_id=conversation_id)
    previous = None
    if conversation.is_claimed:
        if conversation.assigned_agent_id == agent.pk:
            return conversation
        previous = selectors.get_assigned_agent(conversation=conversation)
        if not take_over:
            holder = previous.internal_name if previous else ""
            raise AlreadyClaimed(conversation_id=conversation_id, holder=holder)
    if conversation.status == Status.OPEN_UNCLAIMED:
        conversation.status = Status.OPEN_ASSIGNED
    conversation.assigned_agent = agent
    waiting_since, conversation.waiting_since = conversation.waiting_since, None
    conversation.claimed_at = conversation.updated_at = now_ms()
    has_seen_more = receipts.raise_seen(conversation)
    conversation.save(
        update_fields=[
            *("status", "assigned_agent", "claimed_at", "waiting_since", "updated_at"),
            "agents_seen_seq",
        ]
    )
    note_change(
        tenant=tenant,
        conversation=conversation,
        actor=decider,
        action="taken_over" if previous else "claimed",
        changes={"agent": agent.channel_user_id},
    )
    if waiting_since is not None:
        response_times.observe_claim(since=waiting_since, now=conversation.claimed_at)
    if has_seen_more:
        events.publish(AgentsHaveSeen(tenant, conversation))
    events.publish(ConversationClaimed(tenant, conversation, agent, previous, decider))
    return conversation
