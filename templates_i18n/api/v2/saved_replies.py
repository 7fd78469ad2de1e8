"""/v2/admin/saved-replies"""

from typing import Annotated, Any, ClassVar

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.errors import NotFound
from kernel.rest.answers import Answer, Moment, answered, page_of
from kernel.rest.fields import Text
from kernel.rest.paging import PageRequest, object_answer
from templates_i18n import selectors, services
from templates_i18n.api.v2.answers import WarningJson
from templates_i18n.locales import require_locale
from templates_i18n.models import SavedReply
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Texts"]


class SavedReplyJson(Answer, frozen=True, kw_only=True):
    """What agents often answer, in one locale."""

    name: Annotated[str, Meta(description="Agents send it with `/r` and this name.")]
    locale: Annotated[str, Meta(description="A language tag in lower case, or `default`.")]
    text: str
    created_at: Moment
    updated_at: Moment
    warnings: list[WarningJson]

    @classmethod
    def of(cls, reply: SavedReply) -> "SavedReplyJson":
        """The reply as it is shown."""
        return cls(
            name=reply.name,
            locale=reply.locale,
            text=reply.text,
            created_at=iso_ms(reply.created_at),
            updated_at=iso_ms(reply.updated_at),
            warnings=[WarningJson.of(name) for name in selectors.unknown_variables(reply.text)],
        )


class SavedReplyText(serializers.Serializer[Any]):
    """The words of a reply."""

    text = Text(
        max_length=services.MAX_SAVED_REPLY,
        trim_whitespace=False,
        help_text="{customer_name}, {agent_name} and {codename} are filled in.",
    )


class SavedReplies(ApiKeyView):
    """What agents often answer."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="listSavedReplies",
        tags=_TAGS,
        summary="List saved replies",
        parameters=PageRequest.parameters(),
        responses=page_of(SavedReplyJson),
    )
    def get(self, request: Request) -> Response:
        """The newest first."""
        page = PageRequest.of(request, "saved-replies")
        found = page.take(selectors.list_saved_replies(tenant=self.tenant))
        return object_answer(map(SavedReplyJson.of, found.rows), found.next_cursor)


class OneSavedReply(ApiKeyView):
    """One of them in one locale."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="readSavedReply",
        tags=_TAGS,
        summary="Read a saved reply",
        responses=answered(SavedReplyJson),
    )
    def get(self, request: Request, name: str, locale: str) -> Response:
        """As it is written for exactly this locale."""
        kept, place = services.require_name(name), require_locale(locale)
        replies = selectors.list_saved_replies(tenant=self.tenant)
        found = replies.filter(name=kept, locale=place).first()
        if found is None:
            raise NotFound("There is no such saved reply.")
        return Response(SavedReplyJson.of(found))

    @extend_schema(
        operation_id="writeSavedReply",
        tags=_TAGS,
        summary="Write a saved reply",
        request=SavedReplyText,
        responses=answered(SavedReplyJson),
    )
    def put(self, request: Request, name: str, locale: str) -> Response:
        """A new one, or other words for one that is there."""
        reply = services.set_saved_reply(
            tenant=self.tenant,
            name=name,
            locale=locale,
            text=read(SavedReplyText, request)["text"],
            actor=self.actor,
        )
        return Response(SavedReplyJson.of(reply))

    @extend_schema(
        operation_id="deleteSavedReply",
        tags=_TAGS,
        summary="Delete a saved reply",
        description="Once more is fine.",
        responses={204: None},
    )
    def delete(self, request: Request, name: str, locale: str) -> Response:
        """Agents cannot send it any more."""
        services.delete_saved_reply(tenant=self.tenant, name=name, locale=locale, actor=self.actor)
        return Response(None, 204)
