"""/v2/admin/translations"""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest.answers import answered, page_of
from kernel.rest.fields import Text
from kernel.rest.paging import object_answer
from templates_i18n import entries, selectors, services
from templates_i18n.api.v2.answers import TranslationJson, wanted_locale, widget_key
from templates_i18n.locales import DEFAULT_LOCALE, require_locale
from tenants import configuration
from tenants.api.v2.base import ApiKeyView, read
from tenants.api_keys.scopes import Scope
from tenants.models import Tenant

_TAGS = ["Texts"]


class NewText(serializers.Serializer[Any]):
    """The tenant's own words for one string."""

    text = Text(max_length=services.MAX_TRANSLATION, trim_whitespace=False)


class NewTexts(serializers.Serializer[Any]):
    """The tenant's own words for many strings, by key."""

    texts = serializers.DictField(
        child=Text(max_length=services.MAX_TRANSLATION, trim_whitespace=False)
    )


class Translations(ApiKeyView):
    """The widget's strings in one locale."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="listTranslations",
        tags=_TAGS,
        summary="List the widget's strings",
        description="Every string as it reads in the locale, the tenant's own or not. One page "
        "has them all.",
        parameters=[
            OpenApiParameter("locale", str, default=DEFAULT_LOCALE, description="Such as `lv`.")
        ],
        responses=page_of(TranslationJson),
    )
    def get(self, request: Request) -> Response:
        """By key."""
        locale = wanted_locale(request.query_params.get("locale")) or DEFAULT_LOCALE
        return object_answer(shown_translations(self.tenant, locale).values(), None)


class LocaleTranslations(ApiKeyView):
    """Many strings of one locale at once."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="writeTranslations",
        tags=_TAGS,
        summary="Write many of the widget's strings",
        description="All of them or, when one is refused, none. Others stay. Answers with those "
        "that were written.",
        request=NewTexts,
        responses=page_of(TranslationJson),
    )
    def put(self, request: Request, locale: str) -> Response:
        """Those named."""
        place = require_locale(locale)
        texts = read(NewTexts, request)["texts"]
        configuration.hold(self.tenant)
        services.set_translations(tenant=self.tenant, locale=place, texts=texts, actor=self.actor)
        shown = shown_translations(self.tenant, place)
        return object_answer([shown[key] for key in sorted(texts)], None)


class OneTranslation(ApiKeyView):
    """One string in one locale."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="readTranslation",
        tags=_TAGS,
        summary="Read one of the widget's strings",
        responses=answered(TranslationJson),
    )
    def get(self, request: Request, locale: str, key: str) -> Response:
        """As it reads in the locale."""
        return self.versioned(self._shown(require_locale(locale), widget_key(key)))

    @extend_schema(
        operation_id="writeTranslation",
        tags=_TAGS,
        summary="Write one of the widget's strings",
        request=NewText,
        responses=answered(TranslationJson),
    )
    def put(self, request: Request, locale: str, key: str) -> Response:
        """In the tenant's own words."""
        place, name = self._hold(locale, key)
        services.set_translation(
            tenant=self.tenant,
            locale=place,
            key=name,
            text=read(NewText, request)["text"],
            actor=self.actor,
        )
        return self.versioned(self._shown(place, name))

    @extend_schema(
        operation_id="deleteTranslation",
        tags=_TAGS,
        summary="Give the own words for one of the widget's strings up",
        description="Answers with what holds instead; once more is fine.",
        responses=answered(TranslationJson),
    )
    def delete(self, request: Request, locale: str, key: str) -> Response:
        """Back to the built-in words or a fallback's."""
        place, name = self._hold(locale, key)
        services.delete_translation(tenant=self.tenant, locale=place, key=name, actor=self.actor)
        return self.versioned(self._shown(place, name))

    def _hold(self, locale: str, key: str) -> tuple[str, str]:
        """Check `If-Match` when nobody else can change it any more."""
        place, name = require_locale(locale), widget_key(key)
        configuration.hold(self.tenant)
        self.require_unchanged(self._shown(place, name))
        return place, name

    def _shown(self, locale: str, key: str) -> TranslationJson:
        shown = shown_translations(self.tenant, locale).get(key)
        # A plural form that this language does not use, and nobody has written.
        return shown or TranslationJson.of(key, "", locale=locale, updated_at=None)


def shown_translations(tenant: Tenant, locale: str) -> dict[str, TranslationJson]:
    """Every string of the widget in a locale, by key, in the order of the keys."""
    own = {
        row.key: row.updated_at for row in selectors.list_translations(tenant=tenant, locale=locale)
    }
    texts = entries.read_widget_texts(tenant=tenant, locale=locale)
    return {
        key: TranslationJson.of(key, texts[key], locale=locale, updated_at=own.get(key))
        for key in sorted(texts)
    }
