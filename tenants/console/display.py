"""Showing values, and declaring columns and actions, with types that unfold's own lack."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from kernel.clock import iso_ms
from tenants.models import Tenant

Function = TypeVar("Function", bound=Callable[..., Any])

_UNITS = (("min", 60, 60), ("h", 3600, 24), ("d", 86_400, 14))


def column(
    description: str,
    *,
    ordering: str | None = None,
    labels: Mapping[str, str] | None = None,
    is_yes_or_no: bool | None = None,
) -> Callable[[Function], Function]:
    """Names a column. With `labels` the value, or the first of a pair, is shown as a badge whose
    tone (`success`, `warning`, `danger`, `info` or an empty text) it chooses."""
    decorate = display(
        description=description,
        ordering=ordering,
        label=dict(labels) if labels is not None else None,
        boolean=is_yes_or_no,
    )
    return cast(Callable[[Function], Function], decorate)


def page_action(
    label: str, *, path: str, icon: str, is_dangerous: bool = False
) -> Callable[[Function], Function]:
    """Offers the method as a button on the page of one object, at `<object>/<path>/`."""
    variant = ActionVariant.DANGER if is_dangerous else ActionVariant.DEFAULT
    decorate = action(description=label, url_path=path, icon=icon, variant=variant)
    return cast(Callable[[Function], Function], decorate)


def list_action(
    label: str, *, path: str, icon: str, permission: str
) -> Callable[[Function], Function]:
    """Offers the method as a button above a list, at `<list>/<path>/`, to whom
    `has_<permission>_permission` lets."""
    decorate = action(description=label, url_path=path, icon=icon, permissions=[permission])
    return cast(Callable[[Function], Function], decorate)


def ago(value: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `in 2 h`; a date when it is more than two weeks away."""
    seconds = abs((now - value).total_seconds())
    is_past = value <= now
    if seconds < 60:
        return "just now" if is_past else "in a moment"
    for unit, size, most in _UNITS:
        if seconds < size * most:
            count = int(seconds // size)
            return f"{count} {unit} ago" if is_past else f"in {count} {unit}"
    return f"{value:%-d %b %Y}"


def duration(span: timedelta) -> str:
    """`under a minute`, `12 min`, `3 h`, `4 d`."""
    seconds = span.total_seconds()
    if seconds < 60:
        return "under a minute"
    for unit, size, most in _UNITS:
        if seconds < size * most:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86_400)} d"


def shown_tenant(tenant: Tenant) -> str:
    """A tenant's name; of a suspended one with that word."""
    if tenant.is_active:
        return format_html("<bdi>{}</bdi>", tenant.name)
    return format_html('<bdi>{}</bdi> <span class="c-suspended">suspended</span>', tenant.name)


def moment(value: datetime | None) -> str:
    """How long ago, with the exact time on hover, there in the reader's own zone."""
    if value is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        iso_ms(value),
        f"{value:%-d %b %Y, %H:%M}",
        ago(value, timezone.now()),
    )
