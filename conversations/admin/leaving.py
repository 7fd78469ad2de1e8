"""How a conversation leaves the console: as a file, and for good."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from conversations import exports, services
from conversations.api.tenant_v2.answers import ConversationDetailJson
from conversations.api.tenant_v2.message_answers import MessageJson
from conversations.models import Conversation
from kernel.errors import RateLimited
from kernel.rest.streaming import fetching, streamed
from tenants import roles
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, StaffAdmin, page_action
from tenants.models import Tenant, User

_COLUMNS = ("created_at", "direction", "text")
DELETE = Question(
    title="Delete for good?",
    meaning="The messages are deleted with the conversation, its topic in Telegram and what was "
    "still to be posted, and the customer's open chat ends. The audit trail keeps that you did it. "
    "Nothing of it can be brought back: export it first if you may need it.",
    button="Delete for good",
    is_dangerous=True,
    field="Type “delete” to go on",
    expected="delete",
)


def _delete(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    services.delete_conversation(tenant=tenant, conversation_id=row.pk, actor=actor)
    return True


class LeavingActions(StaffAdmin[Conversation]):
    """Files for those who may read; deleting for those who run the workspace."""

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Agents answer customers; what cannot be undone is not theirs."""
        user = request.user
        if not isinstance(user, User):
            return False
        return user.is_superuser or roles.may(user.workspace_role, Scope.SETTINGS_WRITE)

    @page_action("Export CSV", path="export-csv", icon="download")
    def export_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The messages, for spreadsheets."""
        conversation = self._readable(request, object_id)
        pieces = exports.csv_pieces(conversation, _COLUMNS, has_mark=True)
        return self._file(request, conversation, pieces, "text/csv; charset=utf-8", "csv")

    @page_action("Export JSON", path="export-json", icon="download")
    def export_json(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The conversation with its messages, as the API has them."""
        conversation = self._readable(request, object_id)
        head = ConversationDetailJson.of(conversation)
        pieces = exports.json_pieces(conversation, head, MessageJson.of)
        return self._file(request, conversation, pieces, "application/json", "json")

    def _file(
        self,
        request: HttpRequest,
        conversation: Conversation,
        pieces: Iterator[bytes],
        content_type: str,
        extension: str,
    ) -> HttpResponseBase:
        try:
            return streamed(
                fetching(pieces),
                request=request,
                tenant_id=conversation.tenant_id,
                conversation_id=conversation.pk,
                content_type=content_type,
                file_name=exports.file_name(conversation, extension),
            )
        except RateLimited as error:
            self.message_user(request, error.public_message, messages.ERROR)
            return redirect("admin:conversations_conversation_change", conversation.pk)

    def _readable(self, request: HttpRequest, object_id: str) -> Conversation:
        if not self.has_view_permission(request):
            raise PermissionDenied
        conversation = self.get_object(request, unquote(object_id))
        if conversation is None:
            raise Http404
        return conversation

    @page_action("Delete", path="delete-for-good", icon="delete_forever", is_dangerous=True)
    def delete_for_good(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """With everything that belongs to it."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        return self.act(
            request,
            object_id,
            _delete,
            question=DELETE,
            done="The conversation is deleted.",
            not_done="Nothing was deleted.",
            goes_away=True,
        )

    @admin.action(description="Delete for good", permissions=["manage"])
    def delete_selected_for_good(
        self, request: HttpRequest, rows: QuerySet[Conversation]
    ) -> HttpResponse | None:
        """The selected ones, with everything that belongs to them."""
        return self.act_on_selected(
            request, rows, _delete, question=DELETE, done="Deleted: {count}."
        )
