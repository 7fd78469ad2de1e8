"""A tenant's own texts, and the short way to the most asked-for one."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import iso_ms
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
_MAX_PAUSE_SECONDS = 30 * 24 * 3600


class V1NewWords(serializers.Serializer[Any]):
    """A text, and how it is delivered; what is left out becomes the default of the key."""

    key = Text(
        max_length=services.MAX_KEY,
        help_text="A system message, or a key of your own, whose text is kept and never sent.",
    )
    locale = Text(max_length=40, default=DEFAULT_LOCALE)
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

    locale = Text(max_length=40)


class V1Settings(serializers.Serializer[Any]):
    """What v1 calls settings."""

    welcome_message = Text(
        max_length=services.MAX_TEXT, allow_blank=True, allow_null=True, trim_whitespace=False
    )


class V1SettingsWritten(V1Settings):
    """The welcome as it is now."""

    ok = serializers.BooleanField()


class V1Template(V1NewWords):
    """A text with its delivery."""

    updatedAt = serializers.DateTimeField(
        allow_null=True, help_text="Null for a built-in text that nobody has changed."
    )


class V1LocaleDeleted(serializers.Serializer[Any]):
    """How many texts there were."""

    ok = serializers.BooleanField()
    deleted = serializers.IntegerField()


class TemplateList(ServiceView):
    """GET /v1/admin/message-templates"""

    @extend_schema(
        operation_id="v1ListTemplates",
        tags=_TAGS,
        summary="List the texts",
        responses=V1Template(many=True),
    )
    def get(self, request: Request) -> Response:
        """The default text of every message, built-in where none was written, and all others."""
        rows = list(selectors.list_stored_templates(tenant=self.tenant))
        written = {row.key for row in rows if row.locale == DEFAULT_LOCALE}
        built_in = [one for key, one in BUILT_IN.items() if key not in written]
        return Response(
            [built_in_json(one) for one in built_in] + [template_json(row) for row in rows]
        )


class UpsertTemplate(ServiceView):
    """POST /v1/admin/message-templates/upsert"""

    @extend_schema(
        operation_id="v1UpsertTemplate",
        tags=_TAGS,
        summary="Set a text",
        request=V1NewWords,
        responses=V1Template,
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
            return Response(template_json(row))
        services.set_template(
            tenant=self.tenant,
            locale=locale,
            template=replace(BUILT_IN[TemplateKey(key)], **changes),
            actor=self.actor,
        )
        rows = selectors.list_templates(tenant=self.tenant)
        return Response(template_json(rows.get(key=key, locale=locale)))


class DeleteLocale(ServiceView):
    """POST /v1/admin/message-templates/delete-locale"""

    @extend_schema(
        operation_id="v1DeleteLocale",
        tags=_TAGS,
        summary="Remove a language",
        request=V1Language,
        responses=V1LocaleDeleted,
    )
    def post(self, request: Request) -> Response:
        """Remove a language; its customers read the default texts then."""
        locale = read(V1Language, request)["locale"]
        deleted = services.delete_locale(tenant=self.tenant, locale=locale, actor=self.actor)
        if not deleted:
            # What was set by v1 under a regional tag stands under its language.
            language = language_of(require_locale(locale))
            deleted = services.delete_locale(tenant=self.tenant, locale=language, actor=self.actor)
        return Response({"ok": True, "deleted": deleted})


class Settings(ServiceView):
    """/v1/admin/settings"""

    @extend_schema(
        operation_id="v1ReadSettings", tags=_TAGS, summary="Read the welcome", responses=V1Settings
    )
    def get(self, request: Request) -> Response:
        """The welcome in use, empty while there is none."""
        return Response(self._shown())

    @extend_schema(
        operation_id="v1WriteSettings",
        tags=_TAGS,
        summary="Set the welcome",
        request=V1Settings,
        responses=V1SettingsWritten,
    )
    def post(self, request: Request) -> Response:
        """Set the welcome; an empty one switches it off."""
        text = read(V1Settings, request)["welcome_message"] or ""
        is_wanted = is_visible(text)
        services.update_template(
            tenant=self.tenant,
            key=TemplateKey.WELCOME,
            locale=DEFAULT_LOCALE,
            changes={"text": text if is_wanted else "", "enabled": is_wanted},
            actor=self.actor,
        )
        return Response({"ok": True, "welcome_message": text if is_wanted else ""})

    def _shown(self) -> dict[str, object]:
        template = selectors.get_template(
            tenant=self.tenant, key=TemplateKey.WELCOME, locale=DEFAULT_LOCALE
        )
        return {"welcome_message": template.text if template.enabled else ""}


def template_json(row: MessageTemplate) -> dict[str, object]:
    """A text with its delivery, as v1 spells it."""
    return {**_spelled(row, row.key, row.locale), "updatedAt": iso_ms(row.updated_at)}


def built_in_json(template: Template) -> dict[str, object]:
    """The product's own text, as long as the tenant has written none."""
    return {**_spelled(template, template.key.value, DEFAULT_LOCALE), "updatedAt": None}


def _spelled(template: MessageTemplate | Template, key: str, locale: str) -> dict[str, object]:
    delivery = {name: getattr(template, ours) for name, ours in _SPELLING.items()}
    return {"key": key, "locale": locale, **delivery}
