"""The other conversations of a customer whom the tenant's own server names."""

from django.db.models import QuerySet

from conversations.models import Conversation
from conversations.visitors.models import Visitor


def list_others(*, conversation: Conversation) -> QuerySet[Conversation]:
    """Newest first; none of a customer whom nobody names."""
    visitors = Visitor.objects.filter(tenant=conversation.tenant_id)
    people = visitors.filter(conversation=conversation, person__isnull=False).values("person")
    own = visitors.filter(person__in=people).values("conversation")
    rows = Conversation.objects.filter(tenant=conversation.tenant_id, pk__in=own)
    return rows.exclude(pk=conversation.pk).order_by("-created_at", "-pk")
