"""The conversations that a session's person has had before."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Message, Status
from conversations.sessions.models import Session
from conversations.visitors.models import Visitor
from tenants.models import Tenant


def list_earlier(*, tenant: Tenant, session: Session) -> QuerySet[Conversation]:
    """The person's other conversations in which they have said something.

    None where nobody was named when the session began: nothing else says that two browsers, or two
    sessions of one browser, are the same visitor's.
    """
    if session.person_id is None:
        return Conversation.objects.none()
    own = Visitor.objects.filter(tenant=tenant, person=session.person_id)
    rows = Conversation.objects.filter(
        tenant=tenant, pk__in=own.values("conversation"), last_customer_at__isnull=False
    )
    if session.conversation_id is not None:
        rows = rows.exclude(pk=session.conversation_id)
    return rows.exclude(status=Status.BLOCKED)


def require_earlier(*, tenant: Tenant, session: Session, conversation_id: UUID) -> None:
    """Raises ConversationNotFound for any other conversation, whether there is one or not."""
    rows = list_earlier(tenant=tenant, session=session)
    if not rows.filter(pk=conversation_id).exists():
        raise ConversationNotFound(conversation_id=conversation_id)


def last_messages(
    *, tenant: Tenant, conversations: Collection[Conversation]
) -> Mapping[UUID, Message]:
    """What a person said last in each, by the conversation's id; the product's own texts aside."""
    said = Message.objects.filter(tenant=tenant, conversation=OuterRef("pk"), template_key="")
    rows = Conversation.objects.filter(tenant=tenant, pk__in=[each.pk for each in conversations])
    newest = rows.annotate(newest=Subquery(said.order_by("-seq").values("pk")[:1]))
    messages = Message.objects.filter(tenant=tenant, pk__in=newest.values("newest"))
    return {message.conversation_id: message for message in messages}
