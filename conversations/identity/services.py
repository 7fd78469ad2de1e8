"""Who a visitor is: read, remembered, and led to the conversation that they have."""

from collections.abc import Collection
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from conversations.errors import ConversationBlocked, IdentityInvalid
from conversations.identity import keys, tokens
from conversations.identity.models import Person
from conversations.identity.tokens import Identity
from conversations.models import OPEN_STATUSES, Conversation, Status
from conversations.setting_keys import IDENTITY_MODE
from conversations.visitors.models import Visitor
from kernel.clock import now_ms
from kernel.errors import InvalidParameter
from tenants import pruning
from tenants.models import Tenant

# Longer than a start takes, which makes the person before the conversation.
_STRANGE_AFTER = timedelta(hours=1)
# Who begins a session at this moment holds the person's row, which then stays.
_FORGET = """
    DELETE FROM conversations_person WHERE tenant_id = %s AND id IN (
        SELECT person.id FROM conversations_person person
        WHERE person.tenant_id = %s AND person.id IN (
            SELECT person_id FROM conversations_visitor
            WHERE tenant_id = %s AND conversation_id = ANY(%s))
        AND NOT EXISTS (
            SELECT FROM conversations_visitor other
            WHERE other.tenant_id = person.tenant_id AND other.person_id = person.id
            AND other.conversation_id <> ALL(%s))
        FOR UPDATE SKIP LOCKED)
"""


def read_identity(*, tenant: Tenant, given: object) -> Identity | None:
    """Who the visitor is by the token that a page gives; None for nobody in particular.

    Raises IdentityInvalid and IdentityExpired, and InvalidParameter where the tenant takes none.
    """
    mode = tenant.setting(IDENTITY_MODE)
    if given is None:
        require_no_identity_needed(tenant)
        return None
    if mode == "off":
        raise _refused("is not taken by this workspace. Leave it out")
    if not isinstance(given, str):
        raise _refused("must be a text")
    return tokens.verify(given, audience=tenant.slug, keys=keys.verifying_keys(tenant=tenant))


def require_no_identity_needed(tenant: Tenant) -> None:
    """Raises IdentityInvalid where only those may begin whom the tenant's page knows."""
    if tenant.setting(IDENTITY_MODE) == "required":
        raise IdentityInvalid("This workspace needs an identity token.")


def remember_person(*, tenant: Tenant, identity: Identity) -> Person:
    """The person as they are now, and locked: two browsers that begin at once come one by one.

    Raises ConversationBlocked for a person with a blocked conversation.
    """
    Person.objects.bulk_create(
        [
            Person(
                tenant=tenant,
                subject=identity.subject,
                name=identity.name,
                email=identity.email,
                phone=identity.phone,
                attributes=dict(identity.attributes),
                seen_at=now_ms(),
            )
        ],
        update_conflicts=True,
        unique_fields=["tenant", "subject"],
        update_fields=["name", "email", "phone", "attributes", "seen_at"],
    )
    person = Person.objects.get(tenant=tenant, subject=identity.subject)
    blocked = _conversations_of(person).filter(status=Status.BLOCKED).first()
    if blocked is not None:
        raise ConversationBlocked(conversation_id=blocked.pk)
    return person


def find_open_conversation(*, person: Person) -> Conversation | None:
    """The person's newest one that is open."""
    return _conversations_of(person).filter(status__in=OPEN_STATUSES).first()


def is_of(*, person: Person, conversation: Conversation) -> bool:
    """Whether a conversation is this person's."""
    rows = Visitor.objects.filter(tenant=person.tenant_id, conversation=conversation)
    return rows.filter(person=person).exists()


def assign_person(*, visitor: Visitor, person: Person) -> None:
    """The conversation is this person's from now on."""
    Visitor.objects.filter(tenant=visitor.tenant_id, pk=visitor.pk).update(person=person)


def forget_people_of(*, tenant: Tenant, conversations: Collection[Conversation]) -> None:
    """Keep nothing about people all of whose conversations go."""
    ids = [conversation.pk for conversation in conversations]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [tenant.pk, tenant.pk, tenant.pk, ids, ids])


def forget_strangers() -> int:
    """Forget people who have no conversation any more; returns how many.

    Two of their conversations that are deleted at the same moment each leave them to the other.
    """
    return pruning.delete_old(_strangers)


def _strangers() -> QuerySet[Person]:
    known = Visitor.objects.filter(tenant_id=OuterRef("tenant_id"), person_id=OuterRef("pk"))
    return Person.objects.filter(~Exists(known), seen_at__lt=Now() - _STRANGE_AFTER)


def _conversations_of(person: Person) -> QuerySet[Conversation]:
    own = Visitor.objects.filter(tenant=person.tenant_id, person=person)
    rows = Conversation.objects.filter(tenant=person.tenant_id, pk__in=own.values("conversation"))
    return rows.order_by("-created_at", "-pk")


def _refused(rule: str) -> InvalidParameter:
    return InvalidParameter(f"'identity' {rule}.", details={"field": "identity"})
