"""How texts are shown, and what in an address or a query names one."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from kernel.clock import iso_ms_or_none
from kernel.errors import InvalidParameter, NotFound
from templates_i18n import selectors
from templates_i18n.catalogs import WIDGET, variables_of
from templates_i18n.keys import Template, TemplateKey
from templates_i18n.locales import require_locale

ENGLISH_WIDGET = WIDGET["en"]


class WarningJson(serializers.Serializer[Any]):
    """Something that is allowed and hardly meant."""

    code = serializers.ChoiceField(["unknown_variable"])
    variable = serializers.CharField()
    message = serializers.CharField()


class TemplateJson(serializers.Serializer[Any]):
    """A system message as it holds in a locale."""

    key = serializers.ChoiceField(TemplateKey.values)
    locale = serializers.CharField(help_text="A language tag in lower case, or `default`.")
    is_own = serializers.BooleanField(help_text="False: the built-in one, or a fallback's.")
    text = serializers.CharField()
    enabled = serializers.BooleanField()
    to_customer_ws = serializers.BooleanField(help_text="As a note that is gone with the page.")
    to_customer_persist = serializers.BooleanField(help_text="As a message that stays.")
    to_agents = serializers.BooleanField(help_text="Agents see it, too.")
    pin = serializers.BooleanField()
    rate_limit_seconds = serializers.IntegerField(help_text="0: each time.")
    updated_at = serializers.DateTimeField(allow_null=True)
    warnings = WarningJson(many=True)


class TranslationJson(serializers.Serializer[Any]):
    """One of the widget's strings as it reads in a locale."""

    key = serializers.CharField()
    locale = serializers.CharField()
    is_own = serializers.BooleanField()
    text = serializers.CharField(allow_blank=True)
    variables = serializers.ListField(
        child=serializers.CharField(), help_text="What the text may have in braces."
    )
    updated_at = serializers.DateTimeField(allow_null=True)


def template_json(
    template: Template, *, locale: str, updated_at: datetime | None
) -> dict[str, object]:
    """A template as it is shown; `updated_at` is None for what is not the tenant's own."""
    return {
        "key": str(template.key),
        "locale": locale,
        "is_own": updated_at is not None,
        "text": template.text,
        "enabled": template.enabled,
        "to_customer_ws": template.to_customer_ws,
        "to_customer_persist": template.to_customer_persist,
        "to_agents": template.to_agents,
        "pin": template.pin,
        "rate_limit_seconds": template.rate_limit_seconds,
        "updated_at": iso_ms_or_none(updated_at),
        "warnings": warnings_json(selectors.unknown_variables(template.text)),
    }


def warnings_json(unknown_variables: list[str]) -> list[dict[str, str]]:
    """What somebody has written like a variable: it stays as written when it is sent."""
    return [
        {
            "code": "unknown_variable",
            "variable": name,
            "message": f"{{{name}}} is no variable and is sent as written.",
        }
        for name in unknown_variables
    ]


def translation_json(
    key: str, text: str, *, locale: str, updated_at: datetime | None
) -> dict[str, object]:
    """A string of the widget as it is shown; `updated_at` as for `template_json`."""
    return {
        "key": key,
        "locale": locale,
        "is_own": updated_at is not None,
        "text": text,
        "variables": sorted(variables_of(key, ENGLISH_WIDGET) or ()),
        "updated_at": iso_ms_or_none(updated_at),
    }


def template_key(name: str) -> TemplateKey:
    """The system message of an address; raises NotFound."""
    if name not in TemplateKey.values:
        raise NotFound("There is no such system message.")
    return TemplateKey(name)


def widget_key(name: str) -> str:
    """The widget's string of an address; raises NotFound."""
    if variables_of(name, ENGLISH_WIDGET) is None:
        raise NotFound("The widget has no such string.")
    return name


def wanted_key(value: str | None) -> TemplateKey | None:
    """The filter `key`; raises InvalidParameter for one that does not exist."""
    if not value:
        return None
    if value not in TemplateKey.values:
        sentence = f"Use one of: {', '.join(TemplateKey.values)}."
        raise InvalidParameter(f"key: {sentence}", details={"key": [sentence]})
    return TemplateKey(value)


def wanted_locale(value: str | None) -> str | None:
    """The filter `locale`, cleaned; raises InvalidParameter for no locale."""
    return require_locale(value) if value else None
