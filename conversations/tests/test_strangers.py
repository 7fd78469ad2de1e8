"""People whom pages have named, and of whom no conversation is left."""

from datetime import timedelta

from django.utils import timezone

from conversations.identity.models import Person
from conversations.models import Conversation
from conversations.tasks import delete_old_sessions
from conversations.visitors.models import Visitor
from tenants.scope import tenant_scope


def test_who_has_no_conversation_any_more_is_forgotten(conversation: Conversation) -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    with tenant_scope(conversation.tenant_id) as tenant:
        known, _, new = (
            Person.objects.create(tenant=tenant, subject=subject, seen_at=seen_at)
            for subject, seen_at in (
                *(("known", long_ago), ("stranger", long_ago)),
                ("just seen", timezone.now()),
            )
        )
        Visitor.objects.create(tenant=tenant, conversation=conversation, person=known)
    assert delete_old_sessions() >= 1
    with tenant_scope(conversation.tenant_id) as tenant:
        assert {*Person.objects.filter(tenant=tenant)} == {known, new}
