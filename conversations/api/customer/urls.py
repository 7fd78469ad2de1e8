"""The customer's addresses; all of them run under the fast handler."""

from collections.abc import Hashable, Mapping

from django.http import HttpRequest
from django.urls import path

from conversations.api.customer import earlier, receipts, sessions, socket_tokens, v1, widget_config
from kernel.http import async_endpoint, endpoint


def _conversation(_request: HttpRequest, parameters: Mapping[str, object]) -> Hashable:
    return parameters["conversation_id"]


def _session(_request: HttpRequest, parameters: Mapping[str, object]) -> Hashable:
    return parameters["session_id"]


urlpatterns = [
    path("v1/conversations/start", endpoint(post=v1.start)),
    path(
        "v1/conversations/<uuid:conversation_id>/messages",
        async_endpoint(get=v1.history, post=endpoint(one_at=_conversation, post=v1.send)),
    ),
    path(
        "v1/conversations/<uuid:conversation_id>/name",
        endpoint(one_at=_conversation, patch=v1.rename),
    ),
    path(
        "v1/conversations/<uuid:conversation_id>/locale",
        endpoint(one_at=_conversation, patch=v1.change_locale),
    ),
    path("v2/widget/config", endpoint(get=widget_config.read, head=widget_config.read)),
    path("v2/sessions", endpoint(post=sessions.start)),
    path("v2/sessions/<uuid:session_id>", endpoint(one_at=_session, delete=sessions.forget)),
    path(
        "v2/sessions/<uuid:session_id>/challenge",
        endpoint(one_at=_session, post=sessions.challenge),
    ),
    path("v2/sessions/<uuid:session_id>/token", endpoint(one_at=_session, post=sessions.token)),
    path(
        "v2/sessions/<uuid:session_id>/conversations",
        endpoint(one_at=_session, get=earlier.list_conversations),
    ),
    path(
        "v2/sessions/<uuid:session_id>/conversations/<uuid:conversation_id>/messages",
        endpoint(one_at=_session, get=earlier.read),
    ),
    path(
        "v2/conversations/<uuid:conversation_id>/receipts",
        endpoint(one_at=_conversation, post=receipts.note),
    ),
    path("v2/ws/token", endpoint(post=socket_tokens.issue)),
]
