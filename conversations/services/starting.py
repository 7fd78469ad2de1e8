"""The first step: a customer opens a conversation."""

from conversations import searching, selectors
from conversations.codenames import new_codename
from conversations.events import ConversationStarted
from conversations.models import Conversation
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants import configuration, use_limits
from tenants.audit import CUSTOMER
from tenants.models import Tenant
from tenants.plan_limits import Limit
from tenants.read_only import require_writable
from tenants.use_limits import Room


def start_conversation(
    *,
    tenant: Tenant,
    customer_name: str,
    locale: str,
    network_mark: str = "",
    room: Room | None = None,
) -> Conversation:
    """A new conversation that nobody has written in yet; the name may be empty.

    `network_mark`: from where its customer comes, where that is known; see `bans.marks`. `room` is
    what the tenant's plan has left for one more. Raises TenantReadOnly, OverLimit.
    """
    require_writable(tenant)
    if room is not None:
        room.take(tenant)
    _require_room(tenant)
    now = now_ms()
    conversation = Conversation.objects.create(
        tenant=tenant,
        codename=new_codename(),
        customer_name=customer_name,
        locale=locale,
        network_mark=network_mark,
        created_at=now,
        updated_at=now,
    )
    searching.index_new(conversation)
    note_change(tenant=tenant, conversation=conversation, actor=CUSTOMER, action="started")
    events.publish(ConversationStarted(tenant, conversation))
    return conversation


def _require_room(tenant: Tenant) -> None:
    """Those that run go on, however many they are; only one more is refused."""
    if not use_limits.is_hard(tenant, Limit.ACTIVE_CONVERSATIONS):
        return
    # Starts at the same time are counted one after another.
    configuration.hold(tenant)
    running = selectors.count_open(tenant=tenant)
    use_limits.require_below(tenant, Limit.ACTIVE_CONVERSATIONS, used=running)
