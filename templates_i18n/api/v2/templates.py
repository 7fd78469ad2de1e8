"""/v2/admin/templates"""

from dataclasses import replace
from typing import Annotated, Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest.answers import Answer, answered, page_of
from kernel.rest.fields import Flag, Number, Text
from kernel.rest.paging import object_answer
from kernel.text import is_visible
from templates_i18n import selectors, services
from templates_i18n.api.v2.answers import (
    TemplateJson,
    WarningJson,
    template_key,
    wanted_key,
    wanted_locale,
)
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE, require_locale
from templates_i18n.preview import SAMPLE, Preview, preview
from tenants import configuration
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope

_TAGS = ["Texts"]
_MAX_SAMPLE = 200


class TemplateChanges(serializers.Serializer[Any]):
    """Fields of a system message."""

    text = Text(
        max_length=services.MAX_TEXT, allow_blank=True, trim_whitespace=False, required=False
    )
    enabled = Flag(required=False)
    to_customer_ws = Flag(required=False)
    to_customer_persist = Flag(required=False)
    to_agents = Flag(required=False)
    pin = Flag(required=False)
    rate_limit_seconds = Number(required=False, min_value=0, max_value=services.MAX_RATE_SECONDS)


class NewTemplate(TemplateChanges):
    """A whole system message; what is left out is as in the built-in one."""

    text = Text(max_length=services.MAX_TEXT, allow_blank=True, trim_whitespace=False)


class SampleValues(serializers.Serializer[Any]):
    """Made-up values for the variables."""

    customer_name = Text(required=False, max_length=_MAX_SAMPLE)
    agent_name = Text(required=False, max_length=_MAX_SAMPLE)
    codename = Text(required=False, max_length=_MAX_SAMPLE)


class PreviewWish(TemplateChanges):
    """Which message to preview, and the fields to try out."""

    key = serializers.ChoiceField(TemplateKey.values)
    locale = Text(max_length=40, default=DEFAULT_LOCALE)
    sample = SampleValues(required=False, help_text=f"Instead of {', '.join(SAMPLE.values())}.")


class CustomerSeesJson(Answer, frozen=True, kw_only=True):
    """In the widget."""

    text: str
    as_message: Annotated[bool, Meta(description="A message that stays.")]
    as_note: Annotated[bool, Meta(description="A note that is gone with the page.")]
    below_history: Annotated[bool, Meta(description="Below a closed conversation.")]


class AgentSeesJson(Answer, frozen=True, kw_only=True):
    """In the conversation's topic."""

    text: str
    is_posted: bool
    is_pinned: bool


class PreviewJson(Answer, frozen=True, kw_only=True):
    """Both sides of one system message."""

    customer: CustomerSeesJson
    agent: AgentSeesJson
    warnings: list[WarningJson]

    @classmethod
    def of(cls, preview: Preview) -> "PreviewJson":
        """The preview as it is shown."""
        return cls(
            customer=CustomerSeesJson(
                text=preview.customer.text,
                as_message=preview.customer.as_message,
                as_note=preview.customer.as_note,
                below_history=preview.customer.below_history,
            ),
            agent=AgentSeesJson(
                text=preview.agents.text,
                is_posted=preview.agents.is_posted,
                is_pinned=preview.agents.is_pinned,
            ),
            warnings=[WarningJson.of(name) for name in preview.unknown_variables],
        )


class Templates(ApiKeyView):
    """Every system message."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="listTemplates",
        tags=_TAGS,
        summary="List system messages",
        description="Each message in each locale that the product or the tenant has texts in, as "
        "it holds there. One page has them all.",
        parameters=[
            OpenApiParameter("locale", str, description="Only this one, such as `lv`."),
            OpenApiParameter("key", str, enum=TemplateKey.values, description="Only this one."),
        ],
        responses=page_of(TemplateJson),
    )
    def get(self, request: Request) -> Response:
        """By locale and message."""
        key = wanted_key(request.query_params.get("key"))
        locale = wanted_locale(request.query_params.get("locale"))
        found = selectors.list_effective_templates(tenant=self.tenant, locale=locale, key=key)
        return object_answer(map(TemplateJson.of, found), None)


class OneTemplate(ApiKeyView):
    """One system message in one locale."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="readTemplate",
        tags=_TAGS,
        summary="Read a system message",
        responses=answered(TemplateJson),
    )
    def get(self, request: Request, key: str, locale: str) -> Response:
        """As it holds in the locale, the tenant's own or not."""
        return self.versioned(self._shown(template_key(key), require_locale(locale)))

    @extend_schema(
        operation_id="replaceTemplate",
        tags=_TAGS,
        summary="Write a system message",
        description="What the body leaves out becomes as in the built-in message; it is on when "
        "there is a text.",
        request=NewTemplate,
        responses=answered(TemplateJson),
    )
    def put(self, request: Request, key: str, locale: str) -> Response:
        """All of it."""
        name, place = self._hold(key, locale)
        wanted = read(NewTemplate, request)
        wanted.setdefault("enabled", is_visible(wanted["text"]))
        services.set_template(
            tenant=self.tenant,
            locale=place,
            template=replace(BUILT_IN[name], **wanted),
            actor=self.actor,
        )
        return self.versioned(self._shown(name, place))

    @extend_schema(
        operation_id="changeTemplate",
        tags=_TAGS,
        summary="Change a system message",
        description="What the body leaves out stays. Where the tenant has nothing of its own in "
        "this locale yet, the rest is taken from what holds there.",
        request=TemplateChanges,
        responses=answered(TemplateJson),
    )
    def patch(self, request: Request, key: str, locale: str) -> Response:
        """Some fields."""
        name, place = self._hold(key, locale)
        services.update_template(
            tenant=self.tenant,
            key=name,
            locale=place,
            changes=read(TemplateChanges, request),
            actor=self.actor,
        )
        return self.versioned(self._shown(name, place))

    @extend_schema(
        operation_id="deleteTemplate",
        tags=_TAGS,
        summary="Give the own text of a system message up",
        description="Answers with what holds instead; once more is fine.",
        responses=answered(TemplateJson),
    )
    def delete(self, request: Request, key: str, locale: str) -> Response:
        """Back to the built-in one or a fallback's."""
        name, place = self._hold(key, locale)
        services.delete_template(tenant=self.tenant, key=name, locale=place, actor=self.actor)
        return self.versioned(self._shown(name, place))

    def _hold(self, key: str, locale: str) -> tuple[TemplateKey, str]:
        """Check `If-Match` when nobody else can change it any more."""
        name, place = template_key(key), require_locale(locale)
        configuration.hold(self.tenant)
        self.require_unchanged(self._shown(name, place))
        return name, place

    def _shown(self, key: TemplateKey, locale: str) -> TemplateJson:
        return TemplateJson.of(
            selectors.read_effective_template(tenant=self.tenant, key=key, locale=locale)
        )


class TemplatePreview(ApiKeyView):
    """Trying a system message out."""

    # Nothing is written.
    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="previewTemplate",
        tags=_TAGS,
        summary="Preview a system message",
        description="What customers and agents would see; the fields given stand in for those "
        "that hold. Nothing is stored or sent.",
        request=PreviewWish,
        responses=answered(PreviewJson),
    )
    def post(self, request: Request) -> Response:
        """Both sides."""
        wanted = read(PreviewWish, request)
        shown = preview(
            tenant=self.tenant,
            key=TemplateKey(wanted.pop("key")),
            locale=require_locale(wanted.pop("locale")),
            sample=wanted.pop("sample", None),
            changes=wanted,
        )
        return Response(PreviewJson.of(shown))
