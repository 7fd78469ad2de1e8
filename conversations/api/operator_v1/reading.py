"""Looking at conversations."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from conversations import exports, listing, selectors
from conversations.api.customer.answers import V1Message
from conversations.api.files import JSON, file_of
from conversations.api.operator_v1 import schemas
from conversations.api.operator_v1.answers import V1Conversation, V1ConversationWithMessages
from conversations.api.operator_v1.schemas import read_status
from conversations.models import Conversation
from kernel import context
from kernel.errors import InvalidParameter
from kernel.rest.answers import answered
from kernel.rest.paging import PageRequest, array_answer
from kernel.rest.streaming import fetching, streamed
from kernel.text import is_storable
from tenants.api.views import ServiceView

_MAX_SEARCH = 100
# Of one page; without `limit` there are no pages.
_MAX_PAGE = 1000


class ConversationList(ServiceView):
    """GET /v1/conversations"""

    @extend_schema(
        operation_id="v1ListConversations",
        tags=schemas.TAGS,
        summary="List conversations",
        parameters=[
            schemas.STATUS,
            schemas.SEARCH,
            *PageRequest.parameters(default=None, maximum=_MAX_PAGE),
        ],
        description="The newest activity first: all of them, or a page with `limit`.",
        responses={200: list[V1Conversation]},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """All of them while they are read from the database, or a page."""
        page = PageRequest.of(request, "v1 conversations", maximum=_MAX_PAGE, cuts_limit=True)
        statuses = read_status(request.query_params.get("status") or "all")
        rows = selectors.list_conversations(
            tenant=self.tenant, statuses=statuses, search=_search(request), finds_parts=True
        )
        if request.query_params.get("limit"):
            found = page.take(rows, moment="updated_at")
            return array_answer(request, found, V1Conversation.of)
        ids = listing.ids_in_order(page.ordered(rows, moment="updated_at"))
        pieces = listing.json_pieces(self.tenant.pk, ids, V1Conversation.of)
        return streamed(
            fetching(pieces),
            request=request,
            tenant_id=self.tenant.pk,
            content_type="application/json",
        )


class ConversationDetail(ServiceView):
    """GET /v1/conversations/{id}"""

    @extend_schema(
        operation_id="v1ReadConversation",
        tags=schemas.TAGS,
        summary="Read a conversation",
        responses=answered(V1ConversationWithMessages),
    )
    def get(self, request: Request, conversation_id: UUID) -> HttpResponseBase:
        """One with its whole history."""
        conversation = find(self, conversation_id)
        pieces = exports.json_pieces(conversation, V1Conversation.of(conversation), V1Message.of)
        return file_of(request, conversation, pieces, JSON)


def find(view: ServiceView, conversation_id: UUID) -> Conversation:
    """The tenant's conversation; raises ConversationNotFound."""
    context.note(conversation_id=str(conversation_id))
    return selectors.get_conversation(tenant=view.tenant, conversation_id=conversation_id)


def _search(request: Request) -> str:
    words = request.query_params.get("q", "").strip()
    if len(words) > _MAX_SEARCH or not is_storable(words):
        sentence = f"Use up to {_MAX_SEARCH} characters."
        raise InvalidParameter(f"q: {sentence}", details={"q": [sentence]})
    return words
