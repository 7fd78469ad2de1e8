"""Looking at conversations."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chatorical.kernel import context
from chatorical.kernel.errors import InvalidParameter
from chatorical.kernel.text import is_storable
from chatorical.rest.paging import PageRequest, array_answer
from chatorical.rest.views import ServiceView
from conversations import selectors
from conversations.api.admin import described
from conversations.api.admin.shapes import conversation_json, read_status
from conversations.api.v1 import message_json

_LONGEST_SEARCH = 100
# v1 has never named one, and its scripts may read the first page only.
_LONGEST_PAGE = 1000


class ConversationList(ServiceView):
    """GET /v1/conversations"""

    @extend_schema(
        operation_id="v1ListConversations",
        tags=described.TAGS,
        summary="List conversations",
        parameters=[
            described.STATUS,
            described.SEARCH,
            *PageRequest.parameters(maximum=_LONGEST_PAGE),
        ],
        responses=described.V1Conversation(many=True),
    )
    def get(self, request: Request) -> Response:
        """The newest first, a page at a time."""
        page = PageRequest.of(request, "v1 conversations", maximum=_LONGEST_PAGE, cuts_limit=True)
        statuses = read_status(request.query_params.get("status") or "all")
        rows = selectors.list_conversations(
            tenant=self.tenant, statuses=statuses, search=_search(request)
        )
        return array_answer(request, page.take(rows), conversation_json)


class ConversationDetail(ServiceView):
    """GET /v1/conversations/{id}"""

    @extend_schema(
        operation_id="v1ReadConversation",
        tags=described.TAGS,
        summary="Read a conversation",
        responses=described.V1ConversationWithMessages,
    )
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """One with its whole history."""
        context.note(conversation_id=str(conversation_id))
        conversation = selectors.get_conversation(
            tenant=self.tenant, conversation_id=conversation_id
        )
        messages = selectors.list_messages(tenant=self.tenant, conversation=conversation)
        return Response(
            {
                **conversation_json(conversation),
                "messages": [message_json(self.tenant, message) for message in messages],
            }
        )


def _search(request: Request) -> str:
    words = request.query_params.get("q", "").strip()
    if len(words) > _LONGEST_SEARCH or not is_storable(words):
        sentence = f"Use up to {_LONGEST_SEARCH} characters."
        raise InvalidParameter(f"q: {sentence}", details={"q": [sentence]})
    return words
