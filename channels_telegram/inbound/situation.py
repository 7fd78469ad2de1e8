"""Where and by whom an agent's message was written, as whatever acts on it needs it."""

from dataclasses import dataclass, replace
from uuid import UUID

from channels_telegram.outgoing import effects, notices
from channels_telegram.outgoing.effects import Post
from conversations import selectors
from conversations.models import Agent, Conversation
from outbox import services as outbox
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Replied:
    """The message of the group that a command replies to."""

    channel_id: UUID
    chat_id: int
    message_id: int
    is_bots: bool


@dataclass(frozen=True, slots=True)
class InTopic:
    """The situation that an agent writes in."""

    tenant: Tenant
    conversation: Conversation
    agent: Agent
    # Of a command that says something about another message.
    replied: Replied | None = None

    def locked(self) -> "InTopic":
        """With the conversation as it is now, which nobody changes before this transaction ends.

        The conversation is locked before anything else of it, such as the note about a message.
        """
        conversation = selectors.lock_conversation(
            tenant=self.tenant, conversation_id=self.conversation.pk
        )
        return replace(self, conversation=conversation)

    def answer(self, content: Post, idempotency_key: str = "") -> None:
        """Tell the agents in the topic."""
        effect = effects.notice(self.tenant, self.conversation, content, idempotency_key)
        outbox.enqueue(tenant=self.tenant, effects=[effect])

    def answer_once(self, kind: str, content: Post) -> None:
        """Tell them, unless a notice of this kind stands in the topic; see `notices`."""
        notices.answer_once(self.tenant, self.conversation, kind, content)
