"""/v2/admin/conversations/{id}/thread"""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_telegram.topics import topic_records
from conversations.api.fields import ChannelId
from conversations.api.tenant_v2.answers import ConversationJson
from conversations.api.tenant_v2.base import TAGS, ConversationView
from kernel.rest.answers import answered
from tenants.api.v2.base import read

# Topic 1 is the group's root, which is nobody's.
_FIRST, _LAST = 2, 2**31 - 1


class Thread(serializers.Serializer[Any]):
    """A topic of the tenant's group."""

    thread_id = ChannelId(help_text="The number of the topic.")

    def validate_thread_id(self, text: str) -> int:
        """The number."""
        if not (text.isascii() and text.isdigit() and _FIRST <= int(text) <= _LAST):
            raise serializers.ValidationError("Use the number of a topic, such as 4711.")
        return int(text)


class ConversationThread(ConversationView):
    """Where agents see a conversation."""

    @extend_schema(
        operation_id="setConversationThread",
        tags=TAGS,
        summary="Attach an existing Telegram topic",
        description="Agents see the conversation there from now on; the topic gets its title, and "
        "the next post comes after the buttons. An earlier topic stays in Telegram without a "
        "meaning. A topic that Telegram does not know is replaced by a new one. 409 "
        "`thread_in_use` when it shows another conversation.",
        request=Thread,
        responses=answered(ConversationJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """The conversation, in its topic."""
        wanted = read(Thread, request)
        topic_records.attach_topic(
            tenant=self.tenant,
            conversation_id=conversation_id,
            thread_id=wanted["thread_id"],
            actor=self.actor,
        )
        return self.shown(conversation_id)
