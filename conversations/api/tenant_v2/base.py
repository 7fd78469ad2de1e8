"""What the calls about one conversation share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar
from uuid import UUID

from rest_framework.response import Response

from conversations import selectors
from conversations.api.tenant_v2.answers import ConversationDetailJson, ConversationJson
from conversations.models import Conversation
from kernel import context
from kernel.errors import BadRequest
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope

TAGS = ["Conversations"]


class ConversationView(ApiKeyView):
    """A call about conversations."""

    reading: ClassVar[Scope] = Scope.CONVERSATIONS_READ
    writing: ClassVar[Scope | None] = Scope.CONVERSATIONS_WRITE
    is_agents_work: ClassVar[bool] = True

    def find(self, conversation_id: UUID) -> Conversation:
        """The tenant's conversation; raises ConversationNotFound."""
        context.note(conversation_id=str(conversation_id))
        return selectors.get_conversation(tenant=self.tenant, conversation_id=conversation_id)

    def lock_unchanged(self, conversation_id: UUID) -> Conversation:
        """The conversation, locked, in the version that the caller knows; raises also
        PreconditionFailed."""
        context.note(conversation_id=str(conversation_id))
        found = selectors.lock_conversation(tenant=self.tenant, conversation_id=conversation_id)
        self.require_unchanged(ConversationJson.of(found))
        return found

    def shown(self, conversation_id: UUID) -> Response:
        """The conversation as it is now; where its customer is makes no other version of it."""
        found = self.find(conversation_id)
        return self.versioned(
            ConversationDetailJson.of(found), version_of=ConversationJson.of(found)
        )


@contextmanager
def about(field: str) -> Iterator[None]:
    """A value that is refused within was the one of this field."""
    try:
        yield
    except BadRequest as refusal:
        refusal.details = {**(refusal.details or {}), "field": field}
        raise
