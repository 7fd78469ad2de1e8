"""A conversation as a file, and everything about its customer."""

from typing import Annotated
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import exports, selectors, services
from conversations.api.files import CSV, JSON, file_of
from conversations.api.tenant_v2.answers import ConversationDetailJson
from conversations.api.tenant_v2.base import TAGS, ConversationView
from conversations.api.tenant_v2.lifecycle import Nothing
from conversations.api.tenant_v2.message_answers import MessageJson
from conversations.api.tenant_v2.sessions import SessionJson
from conversations.models import Conversation
from conversations.sessions.selectors import list_sessions
from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered
from tenants.api.v2.base import read
from tenants.models import AuditEntry

_COLUMNS = ("created_at", "direction", "text")
_PRIVACY = ["Privacy"]


class ConversationFileJson(ConversationDetailJson, frozen=True, kw_only=True):
    """A conversation with its messages."""

    messages: list[MessageJson]


class TrailEntryJson(Answer, frozen=True, kw_only=True):
    """Something that happened to a conversation."""

    at: Moment
    action: str
    actor: Annotated[str, Meta(description="What sort of being acted, such as customer or agent.")]
    changes: dict[str, object]

    @classmethod
    def of(cls, entry: AuditEntry) -> "TrailEntryJson":
        """An entry of the audit trail about a conversation."""
        return cls(
            at=iso_ms(entry.at),
            action=entry.action,
            actor=entry.actor_kind,
            changes=entry.changes,
        )


class PersonalHeadJson(Answer, frozen=True, kw_only=True):
    """What is stored about a customer, without the messages."""

    conversation: ConversationDetailJson
    sessions: list[SessionJson]
    audit: list[TrailEntryJson]


class PersonalDataJson(PersonalHeadJson, frozen=True, kw_only=True):
    """Everything that is stored about a customer."""

    messages: list[MessageJson]


class ErasedJson(Answer, frozen=True, kw_only=True):
    """What is gone."""

    erased: bool
    messages: Annotated[int, Meta(description="How many messages there were.")]


class CsvExport(ConversationView):
    """For spreadsheets."""

    @extend_schema(
        operation_id="exportConversationAsCsv",
        tags=TAGS,
        summary="Export a conversation as CSV",
        description="Moment, direction and text of every message, in UTF-8 with a byte order mark. "
        "Line breaks stay within quotes. What a spreadsheet could take for a formula gets an "
        "apostrophe before it.",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Streamed, whatever its length."""
        conversation = self.find(conversation_id)
        pieces = exports.csv_pieces(conversation, _COLUMNS, has_mark=True)
        return file_of(request, conversation, pieces, CSV, exports.file_name(conversation, "csv"))


class JsonExport(ConversationView):
    """For programs."""

    @extend_schema(
        operation_id="exportConversationAsJson",
        tags=TAGS,
        summary="Export a conversation as JSON",
        responses=answered(ConversationFileJson),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Streamed, whatever its length."""
        conversation = self.find(conversation_id)
        return _json_file(request, conversation, ConversationDetailJson.of(conversation))


class PersonalData(ConversationView):
    """What a customer may ask to see."""

    @extend_schema(
        operation_id="exportPersonalData",
        tags=_PRIVACY,
        summary="Export what is stored about the customer of a conversation",
        description="The conversation, the browsers that come back to it, what happened to it, and "
        "its messages. Agents' remarks are not in it, nor are other conversations of a person whom "
        "your pages identify: export each by its own call.",
        responses=answered(PersonalDataJson),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Streamed, whatever its length."""
        conversation = self.find(conversation_id)
        trail = selectors.list_trail(tenant=self.tenant, conversation=conversation)
        sessions = list_sessions(conversation=conversation)
        return _json_file(
            request,
            conversation,
            PersonalHeadJson(
                conversation=ConversationDetailJson.of(conversation),
                sessions=[SessionJson.of(session) for session in sessions],
                audit=[TrailEntryJson.of(entry) for entry in trail],
            ),
        )


class Erasure(ConversationView):
    """Forgetting a customer."""

    @extend_schema(
        operation_id="eraseCustomer",
        tags=_PRIVACY,
        summary="Erase what is stored about the customer of a conversation",
        description="The conversation goes with its messages, files and remarks, its topic in "
        "Telegram and whatever was still to be posted. A person whom your pages identify is "
        "forgotten with the last of their conversations: erase each by its own call. Its tokens "
        "mean nothing any more and open sockets end. The audit "
        "trail keeps who did what and when, without values. It cannot be undone. 409 `legal_hold` "
        "where a legal hold keeps the conversation. Two things end "
        "otherwise: answers kept, encrypted, for an `Idempotency-Key` after a day, and a topic in "
        "a group that the tenant has left by whoever owns that group.",
        request=None,
        responses=answered(ErasedJson),
    )
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """For good."""
        read(Nothing, request)
        self.find(conversation_id)
        messages = services.erase_customer(
            tenant=self.tenant, conversation_id=conversation_id, actor=self.actor
        )
        return Response(ErasedJson(erased=True, messages=messages))


def _json_file(request: Request, conversation: Conversation, head: Answer) -> HttpResponseBase:
    pieces = exports.json_pieces(conversation, head, MessageJson.of)
    return file_of(request, conversation, pieces, JSON, exports.file_name(conversation, "json"))
