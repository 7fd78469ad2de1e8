"""/v2/admin/locales"""

from typing import Annotated, Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import InvalidParameter
from kernel.rest.answers import Answer, answered, page_of
from kernel.rest.paging import object_answer
from templates_i18n import selectors, services
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import require_locale
from templates_i18n.selectors import LocaleInUse
from tenants.api.v2.base import ApiKeyView
from tenants.api_keys.scopes import Scope

_TAGS = ["Texts"]
_FORMATS = ("json", "po")
_BY_KEY = f"By key: {', '.join(TemplateKey.values)}."


class LocaleJson(Answer, frozen=True, kw_only=True):
    """A locale with texts."""

    locale: str
    is_built_in: Annotated[bool, Meta(description="The product has texts in it.")]
    own_templates: int
    own_translations: int

    @classmethod
    def of(cls, found: LocaleInUse) -> "LocaleJson":
        """The locale as it is shown."""
        return cls(
            locale=found.locale,
            is_built_in=found.is_built_in,
            own_templates=found.own_templates,
            own_translations=found.own_translations,
        )


class LocaleDocumentJson(Answer, frozen=True, kw_only=True):
    """What the tenant has written in one locale, as the import takes it."""

    format: Annotated[str, Meta(extra_json_schema={"enum": [services.FORMAT]})]
    version: Annotated[int, Meta(extra_json_schema={"enum": [services.VERSION]})]
    locale: str
    templates: Annotated[dict[str, dict[str, object]], Meta(description=_BY_KEY)]
    translations: dict[str, str]


class LocaleDocument(serializers.Serializer[Any]):
    """What the tenant has written in one locale."""

    format = serializers.ChoiceField([services.FORMAT])
    version = serializers.ChoiceField([services.VERSION])
    locale = serializers.CharField(required=False, help_text="Not looked at when it comes in.")
    templates = serializers.DictField(child=serializers.DictField(), help_text=_BY_KEY)
    translations = serializers.DictField(child=serializers.CharField())


class ImportedJson(Answer, frozen=True, kw_only=True):
    """How many texts were written."""

    locale: str
    templates: int
    translations: int


class DeletedLocaleJson(Answer, frozen=True, kw_only=True):
    """How many texts were deleted."""

    locale: str
    deleted: int


class Locales(ApiKeyView):
    """Every locale that somebody has written texts in."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="listLocales",
        tags=_TAGS,
        summary="List locales",
        responses=page_of(LocaleJson),
    )
    def get(self, request: Request) -> Response:
        """`default` first, then by tag."""
        found = selectors.list_locales(tenant=self.tenant)
        return object_answer(map(LocaleJson.of, found), None)


class OneLocale(ApiKeyView):
    """All that the tenant has written in a locale."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="deleteLocale",
        tags=_TAGS,
        summary="Delete a locale",
        description="Its customers read the built-in texts or the default ones then. `default` "
        "itself cannot be deleted: other locales fall back to it.",
        responses=answered(DeletedLocaleJson),
    )
    def delete(self, request: Request, locale: str) -> Response:
        """The tenant's own texts; once more is fine."""
        place = require_locale(locale)
        deleted = services.delete_locale(tenant=self.tenant, locale=place, actor=self.actor)
        return Response(DeletedLocaleJson(locale=place, deleted=deleted))


class LocaleExport(ApiKeyView):
    """A locale as a file."""

    reading: ClassVar[Scope] = Scope.SETTINGS_READ

    @extend_schema(
        operation_id="exportLocale",
        tags=_TAGS,
        summary="Export a locale",
        parameters=[OpenApiParameter("format", str, enum=_FORMATS, default="json")],
        responses={
            (200, "application/json"): LocaleDocumentJson,
            (200, "text/x-gettext-translation"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, locale: str) -> HttpResponse:
        """What the tenant has written, as the import takes it, or as translators do."""
        place = require_locale(locale)
        wanted = request.query_params.get("format") or "json"
        if wanted not in _FORMATS:
            sentence = f"Use one of: {', '.join(_FORMATS)}."
            raise InvalidParameter(f"format: {sentence}", details={"format": [sentence]})
        response: HttpResponse
        if wanted == "po":
            response = HttpResponse(
                services.export_po(tenant=self.tenant, locale=place),
                content_type="text/x-gettext-translation; charset=utf-8",
            )
        else:
            exported = services.export_locale(tenant=self.tenant, locale=place)
            response = Response(LocaleDocumentJson(**exported))
        response.headers["Content-Disposition"] = f'attachment; filename="{place}.{wanted}"'
        return response


class LocaleImport(ApiKeyView):
    """A locale from a file."""

    reading: ClassVar[Scope] = Scope.TEMPLATES_WRITE

    @extend_schema(
        operation_id="importLocale",
        tags=_TAGS,
        summary="Import a locale",
        description="An exported document: all of its texts or, when one is refused, none. Texts "
        "that it does not name stay.",
        request=LocaleDocument,
        responses=answered(ImportedJson),
    )
    def post(self, request: Request, locale: str) -> Response:
        """Into the locale of the address, whichever the document is from."""
        place = require_locale(locale)
        imported = services.import_locale(
            tenant=self.tenant, locale=place, document=request.data, actor=self.actor
        )
        return Response(
            ImportedJson(
                locale=place, templates=imported.templates, translations=imported.translations
            )
        )
