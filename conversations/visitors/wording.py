"""What is known about a visitor, in words for agents."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf.locale import LANG_INFO

from conversations.visitors.models import Visitor
from conversations.visitors.page_reports import Attribute

Fact = tuple[str, str]


def visitor_facts(visitor: Visitor, *, locale: str, now: datetime) -> list[Fact]:
    """What agents want to see first, as names and values; what is not known is left out."""
    facts = [
        ("Page", visitor.page),
        ("First page", visitor.first_page if visitor.first_page != visitor.page else ""),
        ("Came from", visitor.referrer),
        ("Browser", visitor.device),
        ("Language", language_in_words(locale)),
        ("Local time", local_time(visitor.time_zone, now)),
        ("IP address", visitor.ip_address or ""),
    ]
    return [(name, value) for name, value in facts if value]


def attribute_facts(visitor: Visitor) -> list[Fact]:
    """What the page has passed, in the order of the names."""
    return _sorted_facts(visitor.attributes)


def person_facts(visitor: Visitor) -> list[Fact]:
    """Who the visitor is by the word of the tenant's server; nothing for whom it does not name."""
    person = visitor.person
    if person is None:
        return []
    facts = [
        ("Signed in as", person.subject),
        ("Name", person.name),
        ("E-mail", person.email),
        ("Phone", person.phone),
        *_sorted_facts(person.attributes),
    ]
    return [(name, value) for name, value in facts if value]


def _sorted_facts(attributes: Mapping[str, Attribute]) -> list[Fact]:
    return [(name, _in_words(value)) for name, value in sorted(attributes.items())]


def language_in_words(locale: str) -> str:
    """`German`, `Brazilian Portuguese`, `German (de-at)`; the tag itself for a rare language.

    Empty where no language is known.
    """
    if locale == "default":
        return ""
    exact, base = (LANG_INFO.get(tag, {}).get("name") for tag in (locale, locale.split("-")[0]))
    return exact or (f"{base} ({locale})" if base else locale)


def local_time(time_zone: str, now: datetime) -> str:
    """`14:05 (Europe/Riga)`; empty where the zone is not known."""
    try:
        zone = ZoneInfo(time_zone) if time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return f"{now.astimezone(zone):%H:%M} ({time_zone})" if zone else ""


def _in_words(value: Attribute) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
