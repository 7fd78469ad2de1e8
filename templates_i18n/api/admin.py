"""A tenant's own texts, and the short way to the most asked-for one."""

from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
from kernel.rest.answers import Answer, Moment, answered
from kernel.rest.fields import Flag, Number, Text, read
from kernel.text import is_visible
from templates_i18n import selectors, services
from templates_i18n.keys import BUILT_IN, Template, TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE, language_of, require_locale
from templates_i18n.models import MessageTemplate
from tenants.api.views import ServiceView

# As v1 spells them: as we do.
_SPELLING = MappingProxyType(
    {
        "text": "text",
        "enabled": "enabled",
        "toCustomerWs": "to_customer_ws",
        "toCustomerPersist": "to_customer_persist",
        "toTelegram": "to_agents",
        "pinInTopic": "pin",
        "rateLimitPerConvSec": "rate_limit_seconds",
    }
)
_TAGS = ["v1 admin"]
_ABOUT_KEY = "A system message, or a key of your own, whose text is kept and never sent."
_MAX_LOCALE = 40
_MAX_PAUSE_SECONDS = 30 * 24 * 3600


class V1NewWords(serializers.Serializer[Any]):
    """A text, and how it is delivered; what is left out becomes the default of the key."""

    key = Text(
        max_length=services.MAX_KEY,
        help_text=_ABOUT_KEY,
    )
    locale = Text(max_length=_MAX_LOCALE, default=DEFAULT_LOCALE)
    text = Text(max_length=services.MAX_TEXT, allow_blank=True, trim_whitespace=False)
    enabled = Flag(required=False)
    toCustomerWs = Flag(required=False)
    toCustomerPersist = Flag(required=False)
    toTelegram = Flag(required=False)
    pinInTopic = Flag(required=False)
    rateLimitPerConvSec = Number(
        required=False, allow_null=True, min_value=0, max_value=_MAX_PAUSE_SECONDS
    )


class V1Language(serializers.Serializer[Any]):
    """One language."""

    locale = Text(max_length=_MAX_LOCALE)


class V1Welcome(serializers.Serializer[Any]):
    """What v1 calls settings."""

    welcome_message = Text(
        max_length=services.MAX_TEXT, allow_blank=True, allow_null=True, trim_whitespace=False
    )


class V1Settings(Answer, frozen=True, kw_only=True):
    """What v1 calls settings."""

    welcome_message: Annotated[str, Meta(max_length=services.MAX_TEXT)]


class V1SettingsWritten(V1Settings, frozen=True, kw_only=True):
    """The welcome as it is now."""

    ok: bool


class V1Template(Answer, frozen=True, kw_only=True, rename="camel"):
    """A text with its delivery."""

    key: Annotated[str, Meta(max_length=services.MAX_KEY, description=_ABOUT_KEY)]
    locale: Annotated[str, Meta(max_length=_MAX_LOCALE)]
    text: Annotated[str, Meta(max_length=services.MAX_TEXT)]
    enabled: bool
    to_customer_ws: bool
    to_customer_persist: bool
    to_telegram: bool
    pin_in_topic: bool
    rate_limit_per_conv_sec: int
    updated_at: Annotated[
        Moment | None, Meta(description="Null for a built-in text that nobody has changed.")
    ]

    @classmethod
    def of(cls, row: MessageTemplate) -> "V1Template":
        """One of the tenant's own texts."""
        return cls._spelled(row, row.key, row.locale, iso_ms(row.updated_at))

    @classmethod
    def built_in(cls, template: Template) -> "V1Template":
        """The product's own text, as long as the tenant has written none."""
        return cls._spelled(template, template.key.value, DEFAULT_LOCALE, None)

    @classmethod
    def _spelled(
        cls, template: MessageTemplate | Template, key: str, locale: str, updated_at: str | None
    ) -> "V1Template":
        return cls(
            key=key,
            locale=locale,
            text=template.text,
            enabled=template.enabled,
            to_customer_ws=template.to_customer_ws,
            to_customer_persist=template.to_customer_persist,
            to_telegram=template.to_agents,
            pin_in_topic=template.pin,
            rate_limit_per_conv_sec=template.rate_limit_seconds,
            updated_at=updated_at,
        )


class V1LocaleDeleted(Answer, frozen=True, kw_only=True):
    """How many texts there were."""

    ok: bool
    deleted: int


class TemplateList(ServiceView):
    """GET /v1/admin/message-templates"""

    @extend_schema(
        operation_id="v1ListTemplates",
        tags=_TAGS,
        summary="List the texts",
        responses={200: list[V1Template]},
    )
    def get(self, request: Request) -> Response:
        """The default text of every message, built-in where none was written, and all others."""
        rows = list(selectors.list_stored_templates(tenant=self.tenant))
        written = {row.key for row in rows if row.locale == DEFAULT_LOCALE}
        built_in = [one for key, one in BUILT_IN.items() if key not in written]
        return Response(
            [V1Template.built_in(one) for one in built_in] + [V1Template.of(row) for row in rows]
        )


class UpsertTemplate(ServiceView):
    """POST /v1/admin/message-templates/upsert"""

    @extend_schema(
        operation_id="v1UpsertTemplate",
        tags=_TAGS,
        summary="Set a text",
        request=V1NewWords,
        responses=answered(V1Template),
    )
    def post(self, request: Request) -> Response:
        """Set the text; of the delivery, what the body leaves out becomes the key's default."""
        wanted = read(V1NewWords, request)
        # Of a regional tag only the language: v1 conversations keep no more of theirs.
        key, locale = wanted["key"], language_of(require_locale(wanted["locale"]))
        changes = {
            ours: wanted[name] for name, ours in _SPELLING.items() if wanted.get(name) is not None
        }
        # The welcome is off until somebody writes one.
        changes.setdefault("enabled", is_visible(wanted["text"]))
        if key not in TemplateKey.values:
            row = services.set_stored_text(
                tenant=self.tenant, key=key, locale=locale, changes=changes, actor=self.actor
            )
            return Response(V1Template.of(row))
        services.set_template(
            tenant=self.tenant,
            locale=locale,
            template=replace(BUILT_IN[TemplateKey(key)], **changes),
            actor=self.actor,
        )
        rows = selectors.list_templates(tenant=self.tenant)
        return Response(V1Template.of(rows.get(key=key, locale=locale)))


class DeleteLocale(ServiceView):
    """POST /v1/admin/message-templates/delete-locale"""

    @extend_schema(
        operation_id="v1DeleteLocale",
        tags=_TAGS,
        summary="Remove a language",
        request=V1Language,
        responses=answered(V1LocaleDeleted),
    )
    def post(self, request: Request) -> Response:
        """Remove a language; its customers read the default texts then."""
        locale = read(V1Language, request)["locale"]
        deleted = services.delete_locale(tenant=self.tenant, locale=locale, actor=self.actor)
        if not deleted:
            # What was set by v1 under a regional tag stands under its language.
            language = language_of(require_locale(locale))
            deleted = services.delete_locale(tenant=self.tenant, locale=language, actor=self.actor)
        return Response(V1LocaleDeleted(ok=True, deleted=deleted))


class Settings(ServiceView):
    """/v1/admin/settings"""

    @extend_schema(
        operation_id="v1ReadSettings",
        tags=_TAGS,
        summary="Read the welcome",
        responses=answered(V1Settings),
    )
    def get(self, request: Request) -> Response:
        """The welcome in use, empty while there is none."""
        return Response(self._shown())

    @extend_schema(
        operation_id="v1WriteSettings",
        tags=_TAGS,
        summary="Set the welcome",
        request=V1Welcome,
        responses=answered(V1SettingsWritten),
    )
    def post(self, request: Request) -> Response:
        """Set the welcome; an empty one switches it off."""
        text = read(V1Welcome, request)["welcome_message"] or ""
        is_wanted = is_visible(text)
        services.update_template(
            tenant=self.tenant,
            key=TemplateKey.WELCOME,
            locale=DEFAULT_LOCALE,
            changes={"text": text if is_wanted else "", "enabled": is_wanted},
            actor=self.actor,
        )
        return Response(V1SettingsWritten(ok=True, welcome_message=text if is_wanted else ""))

    def _shown(self) -> V1Settings:
        template = selectors.get_template(
            tenant=self.tenant, key=TemplateKey.WELCOME, locale=DEFAULT_LOCALE
        )
        return V1Settings(welcome_message=template.text if template.enabled else "")
