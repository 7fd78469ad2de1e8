"""The first step: a customer opens a conversation."""

from conversations import searching
from conversations.codenames import new_codename
from conversations.events import ConversationStarted
from conversations.models import Conversation
from conversations.services.audit_entries import note_change
from kernel import events
from kernel.clock import now_ms
from tenants.audit import CUSTOMER
from tenants.models import Tenant
from tenants.read_only import require_writable


def start_conversation(*, tenant: Tenant, customer_name: str, locale: str) -> Conversation:
    """A new conversation that nobody has written in yet; the name may be empty.

    Raises TenantReadOnly.
    """
    require_writable(tenant)
    now = now_ms()
    conversation = Conversation.objects.create(
        tenant=tenant,
        codename=new_codename(),
        customer_name=customer_name,
        locale=locale,
        created_at=now,
        updated_at=now,
    )
    searching.index_new(conversation)
    note_change(tenant=tenant, conversation=conversation, actor=CUSTOMER, action="started")
    events.publish(ConversationStarted(tenant, conversation))
    return conversation
