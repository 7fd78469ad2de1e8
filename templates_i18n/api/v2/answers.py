"""How texts are shown, and what in an address or a query names one."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from kernel.clock import iso_ms_or_none
from kernel.errors import InvalidParameter, NotFound
from kernel.rest.answers import Answer, Moment
from templates_i18n import selectors
from templates_i18n.catalogs import WIDGET, variables_of
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import require_locale
from templates_i18n.selectors import EffectiveTemplate

ENGLISH_WIDGET = WIDGET["en"]


class WarningJson(Answer, frozen=True, kw_only=True):
    """Something that is allowed and hardly meant."""

    code: Literal["unknown_variable"]
    variable: str
    message: str

    @classmethod
    def of(cls, name: str) -> "WarningJson":
        """For what is written like a variable of this name: it stays as written when it is sent."""
        message = f"{{{name}}} is no variable and is sent as written."
        return cls(code="unknown_variable", variable=name, message=message)


class TemplateJson(Answer, frozen=True, kw_only=True):
    """A system message as it holds in a locale."""

    key: TemplateKey
    locale: Annotated[str, Meta(description="A language tag in lower case, or `default`.")]
    is_own: Annotated[bool, Meta(description="False: the built-in one, or a fallback's.")]
    text: str
    enabled: bool
    to_customer_ws: Annotated[bool, Meta(description="As a note that is gone with the page.")]
    to_customer_persist: Annotated[bool, Meta(description="As a message that stays.")]
    to_agents: Annotated[bool, Meta(description="Agents see it, too.")]
    pin: bool
    rate_limit_seconds: Annotated[int, Meta(description="0: each time.")]
    updated_at: Moment | None
    warnings: list[WarningJson]

    @classmethod
    def of(cls, effective: EffectiveTemplate) -> "TemplateJson":
        """The message as it is shown."""
        template = effective.template
        return cls(
            key=template.key,
            locale=effective.locale,
            is_own=effective.updated_at is not None,
            text=template.text,
            enabled=template.enabled,
            to_customer_ws=template.to_customer_ws,
            to_customer_persist=template.to_customer_persist,
            to_agents=template.to_agents,
            pin=template.pin,
            rate_limit_seconds=template.rate_limit_seconds,
            updated_at=iso_ms_or_none(effective.updated_at),
            warnings=[WarningJson.of(name) for name in selectors.unknown_variables(template.text)],
        )


class TranslationJson(Answer, frozen=True, kw_only=True):
    """One of the widget's strings as it reads in a locale."""

    key: str
    locale: str
    is_own: bool
    text: str
    variables: Annotated[list[str], Meta(description="What the text may have in braces.")]
    updated_at: Moment | None

    @classmethod
    def of(
        cls, key: str, text: str, *, locale: str, updated_at: datetime | None
    ) -> "TranslationJson":
        """The string as it is shown; `updated_at` is None for what is not the tenant's own."""
        return cls(
            key=key,
            locale=locale,
            is_own=updated_at is not None,
            text=text,
            variables=sorted(variables_of(key, ENGLISH_WIDGET) or ()),
            updated_at=iso_ms_or_none(updated_at),
        )


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
