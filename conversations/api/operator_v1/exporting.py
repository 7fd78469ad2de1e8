"""A conversation as a file."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from conversations import exports, selectors
from conversations.api.customer.answers import V1Message
from conversations.api.operator_v1 import schemas
from conversations.api.operator_v1.answers import V1Conversation, V1ConversationWithMessages
from conversations.models import Conversation
from kernel import context
from kernel.rest.answers import answered
from kernel.rest.streaming import fetching, streamed
from tenants.api.views import ServiceView

# As the old service wrote it, without a byte order mark: programs compare the first line.
_COLUMNS = ("createdAt", "direction", "text")


class _Export(ServiceView):
    """Finds the conversation in the call's own scope; its messages are read while they leave."""

    def _find(self, conversation_id: UUID) -> Conversation:
        context.note(conversation_id=str(conversation_id))
        return selectors.get_conversation(tenant=self.tenant, conversation_id=conversation_id)


class CsvExport(_Export):
    """GET /v1/conversations/{id}/export.csv"""

    @extend_schema(
        operation_id="v1ExportCsv",
        tags=schemas.TAGS,
        summary="Export a conversation as CSV",
        responses=schemas.CSV_FILE,
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """Moment, direction and text of every message."""
        conversation = self._find(conversation_id)
        return streamed(
            fetching(exports.csv_pieces(conversation, _COLUMNS, has_mark=False)),
            request=request,
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.pk,
            content_type="text/csv; charset=utf-8",
            file_name=_file_name(conversation, "csv"),
        )


class JsonExport(_Export):
    """GET /v1/conversations/{id}/export.json"""

    @extend_schema(
        operation_id="v1ExportJson",
        tags=schemas.TAGS,
        summary="Export a conversation as JSON",
        responses=answered(V1ConversationWithMessages),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """What the detail call shows."""
        conversation = self._find(conversation_id)
        pieces = exports.json_pieces(conversation, V1Conversation.of(conversation), V1Message.of)
        return streamed(
            fetching(pieces),
            request=request,
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.pk,
            content_type="application/json",
            file_name=_file_name(conversation, "json"),
        )


def _file_name(conversation: Conversation, extension: str) -> str:
    """As v1 has always called them; scripts look for it."""
    return f"conversation_{conversation.pk}.{extension}"
