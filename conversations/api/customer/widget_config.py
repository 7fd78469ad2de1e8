"""What a tenant's widget needs to know before it shows itself, in one answer for any cache."""

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec import Meta

from conversations import attachment_settings, widget_settings
from conversations.access import Caller, customer_scope
from conversations.brand_colors import brand_colors
from conversations.setting_keys import IDENTITY_MODE
from conversations.validation import MAX_FRAME, MAX_NAME, MAX_TEXT, MIN_NAME
from kernel.cacheable import cacheable_json, etag_of
from kernel.http import network_of
from kernel.rest.answers import Answer, encode_ordered
from templates_i18n.entries import get_entries
from templates_i18n.locales import fallbacks, usual_spelling
from tenants import rate_limits
from tenants.models import Tenant
from tenants.rate_limits import Dimension
from tenants.resolution import resolve

# Long enough for the pages of one visit, short enough for a change to be seen.
_KEPT = "public, max-age=60"
# The address does not say whose it is: a header did, which caches do not look at.
_NOT_KEPT = "no-store"


class WidgetBranding(Answer, frozen=True, kw_only=True):
    """How the widget looks where a page does not say otherwise."""

    brand: Annotated[str | None, Meta(description="A colour, as #RGB or #RRGGBB.")]
    colors: Annotated[
        dict[str, dict[str, str]] | None,
        Meta(description="The brand's CSS variables, for `light` and `dark`; null without one."),
    ]
    scheme: Annotated[str, Meta(extra_json_schema={"enum": ["auto", "light", "dark"]})]
    position: Annotated[str, Meta(extra_json_schema={"enum": ["auto", "left", "right"]})]
    radius: Annotated[int, Meta(description="Of the panel's corners, in pixels.")]
    font: Annotated[str | None, Meta(description="A CSS `font-family`.")]
    contact: Annotated[str | None, Meta(description="Another way to reach the tenant.")]

    @classmethod
    def of(cls, tenant: Tenant) -> "WidgetBranding":
        """As the tenant has set it."""
        brand = tenant.setting(widget_settings.BRAND)
        return cls(
            brand=brand or None,
            colors=brand_colors(brand) if brand else None,
            scheme=tenant.setting(widget_settings.SCHEME),
            position=tenant.setting(widget_settings.POSITION),
            radius=tenant.setting(widget_settings.RADIUS),
            font=tenant.setting(widget_settings.FONT) or None,
            contact=tenant.setting(widget_settings.CONTACT) or None,
        )


class WidgetFeatures(Answer, frozen=True, kw_only=True):
    """What the widget offers its visitors."""

    sound_toggle: Annotated[bool, Meta(description="Whether they can switch the sound.")]
    sound_default_on: Annotated[bool, Meta(description="Until a visitor has chosen.")]
    vibration_toggle: bool
    vibration_default_on: bool
    attachments: Annotated[bool, Meta(description="Whether files can be sent.")]

    @classmethod
    def of(cls, tenant: Tenant) -> "WidgetFeatures":
        """As the tenant has set it."""
        return cls(
            sound_toggle=tenant.setting(widget_settings.SHOW_SOUND_TOGGLE),
            sound_default_on=tenant.setting(widget_settings.SOUND_DEFAULT_ON),
            vibration_toggle=tenant.setting(widget_settings.SHOW_VIBRATION_TOGGLE),
            vibration_default_on=tenant.setting(widget_settings.VIBRATION_DEFAULT_ON),
            attachments=tenant.setting(attachment_settings.ALLOWED),
        )


class WidgetLimits(Answer, frozen=True, kw_only=True):
    """What is refused when it is longer."""

    message_length: Annotated[int, Meta(description="Of a message, in UTF-16 units.")]
    frame_length: Annotated[int, Meta(description="Of a socket's frame, in UTF-16 units.")]
    frame_bytes: Annotated[int, Meta(description="Of a socket's frame, in bytes of UTF-8.")]
    name_min_length: int
    name_max_length: int
    attachment_bytes: Annotated[int, Meta(description="Of a file.")]
    attachment_kinds: Annotated[
        list[str], Meta(description="Other kinds of files are refused: see `Attachment`.")
    ]

    @classmethod
    def of(cls, tenant: Tenant) -> "WidgetLimits":
        """The tenant's."""
        return cls(
            message_length=MAX_TEXT,
            frame_length=MAX_FRAME,
            frame_bytes=settings.WS_MAX_MSG_BYTES,
            name_min_length=MIN_NAME,
            name_max_length=MAX_NAME,
            attachment_bytes=tenant.setting(attachment_settings.MAX_BYTES),
            attachment_kinds=tenant.setting(attachment_settings.KINDS),
        )


class WidgetIdentity(Answer, frozen=True, kw_only=True):
    """Whether a page can say who its visitor is."""

    mode: Annotated[
        str,
        Meta(
            description="Whether a session may, or has to, begin with an identity token.",
            extra_json_schema={"enum": ["off", "optional", "required"]},
        ),
    ]


class WidgetConfig(Answer, frozen=True, kw_only=True):
    """A tenant's public configuration of the widget."""

    tenant: Annotated[str, Meta(description="The slug.")]
    locale: Annotated[str, Meta(description="The whole tag that was asked for, or `default`.")]
    strings: Annotated[
        dict[str, str],
        Meta(
            description="Each text by its key: for the exact locale, else for its language, else "
            "the tenant's default, else built in."
        ),
    ]
    branding: WidgetBranding
    features: WidgetFeatures
    hours: Annotated[None, Meta(description="Null: the tenant has said none.")]
    limits: WidgetLimits
    identity: WidgetIdentity

    @classmethod
    def of(cls, tenant: Tenant, locale: str) -> "WidgetConfig":
        """For an active tenant that a scope has yielded, and any locale."""
        return cls(
            tenant=tenant.slug,
            locale=usual_spelling(fallbacks(locale)[0]),
            strings=dict(get_entries(tenant=tenant, locale=locale).texts),
            branding=WidgetBranding.of(tenant),
            features=WidgetFeatures.of(tenant),
            hours=None,
            limits=WidgetLimits.of(tenant),
            identity=WidgetIdentity(mode=tenant.setting(IDENTITY_MODE)),
        )


def read(request: HttpRequest) -> HttpResponse:
    """GET and HEAD /v2/widget/config"""
    caller = Caller.of(request)
    tenant_id = resolve(caller.hints, may_default=False)
    rate_limits.take(tenant_id, [Dimension("widget_config", network_of(caller.address))])
    with customer_scope(tenant_id) as tenant:
        config = WidgetConfig.of(tenant, request.GET.get("locale", ""))
    body = encode_ordered(config)
    is_in_address = caller.hints.query_slug or caller.hints.query_widget_key
    return cacheable_json(
        request,
        body,
        etag=etag_of(body),
        cache_control=_KEPT if is_in_address else _NOT_KEPT,
        language=config.locale,
    )
