"""Reading what is known about visitors."""

from conversations.models import Conversation
from conversations.visitors.models import Visitor


def find_visitor(*, conversation: Conversation) -> Visitor | None:
    """What is known about a conversation's customer; None where no session has told anything."""
    rows = Visitor.objects.filter(tenant=conversation.tenant_id, conversation=conversation)
    return rows.select_related("person").first()
