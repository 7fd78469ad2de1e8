"""A conversation as a file."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from conversations import exports
from conversations.api.customer.answers import V1Message
from conversations.api.files import CSV, JSON, file_of
from conversations.api.operator_v1 import schemas
from conversations.api.operator_v1.answers import V1Conversation, V1ConversationWithMessages
from conversations.api.operator_v1.reading import find
from conversations.models import Conversation
from kernel.rest.answers import answered
from tenants.api.views import ServiceView

# As the old service wrote it, without a byte order mark: programs compare the first line.
_COLUMNS = ("createdAt", "direction", "text")


class CsvExport(ServiceView):
    """GET /v1/conversations/{id}/export.csv"""

    @extend_schema(
        operation_id="v1ExportCsv",
        tags=schemas.TAGS,
        summary="Export a conversation as CSV",
        responses=schemas.CSV_FILE,
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Moment, direction and text of every message."""
        conversation = find(self, conversation_id)
        pieces = exports.csv_pieces(conversation, _COLUMNS, has_mark=False)
        return file_of(request, conversation, pieces, CSV, _file_name(conversation, "csv"))


class JsonExport(ServiceView):
    """GET /v1/conversations/{id}/export.json"""

    @extend_schema(
        operation_id="v1ExportJson",
        tags=schemas.TAGS,
        summary="Export a conversation as JSON",
        responses=answered(V1ConversationWithMessages),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """What the detail call shows."""
        conversation = find(self, conversation_id)
        pieces = exports.json_pieces(conversation, V1Conversation.of(conversation), V1Message.of)
        return file_of(request, conversation, pieces, JSON, _file_name(conversation, "json"))


def _file_name(conversation: Conversation, extension: str) -> str:
    """As v1 has always called them; scripts look for it."""
    return f"conversation_{conversation.pk}.{extension}"
