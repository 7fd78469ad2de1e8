"""A conversation as a file, which is read while it leaves."""

from collections.abc import Iterator

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from conversations.models import Conversation
from kernel.rest.streaming import fetching, streamed

CSV = "text/csv; charset=utf-8"
JSON = "application/json"


def file_of(
    request: Request, conversation: Conversation, pieces: Iterator[bytes], kind: str, name: str = ""
) -> HttpResponseBase:
    """The pieces of a conversation; a download where there is a name."""
    return streamed(
        fetching(pieces),
        request=request,
        tenant_id=conversation.tenant_id,
        conversation_id=conversation.pk,
        content_type=kind,
        file_name=name or None,
    )
