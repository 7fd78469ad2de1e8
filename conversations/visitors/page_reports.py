"""What a page says about its visitor, checked before anything is stored.

A web address often carries a secret: a token in its query, a password before its host, an
application's state after its `#`. So an address is kept as origin and path; the query of the page
itself is kept only where the tenant says so, that of a referrer never.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from conversations.visitors.models import MAX_ADDRESS
from kernel.errors import InvalidParameter
from kernel.text import visible_line

MAX_ATTRIBUTES = 20
MAX_ATTRIBUTE_NAME = 40
MAX_ATTRIBUTE_TEXT = 200
# JavaScript's largest whole number: a larger one was rounded on its way.
_MAX_NUMBER = 2**53 - 1

# As browsers write it: everything else is percent-encoded.
_WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_.-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?", re.IGNORECASE)

Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A page's address without what may be secret, and apart from it the query."""

    base: str = ""
    query: str = ""

    def kept(self, *, with_query: bool) -> str:
        """As it is stored."""
        return f"{self.base}?{self.query}" if with_query and self.query else self.base


@dataclass(frozen=True, slots=True)
class PageReport:
    """What a page says as a session begins; everything is optional."""

    page: WebAddress = WebAddress()
    referrer: WebAddress = WebAddress()
    time_zone: str = ""
    # None: nothing was said about them, which leaves what is stored.
    attributes: Mapping[str, Attribute] | None = field(default=None)

    @classmethod
    def of(cls, body: Mapping[str, object]) -> "PageReport":
        """Read from a call's body; raises InvalidParameter, which names the field."""
        return cls(
            page=web_address(body, "page"),
            referrer=web_address(body, "referrer"),
            time_zone=_time_zone(body.get("time_zone")),
            attributes=attributes_of(body.get("attributes")),
        )


def web_address(body: Mapping[str, object], name: str) -> WebAddress:
    """A web address of the body; empty for none. Raises InvalidParameter."""
    given = body.get(name)
    if given is None or given == "":
        return WebAddress()
    if not isinstance(given, str) or len(given) > MAX_ADDRESS:
        raise _refused(name, f"must be a web address of up to {MAX_ADDRESS} characters")
    if not _WEB_ADDRESS.fullmatch(given):
        raise _refused(name, "must be a web address as browsers write it, with http or https")
    parts = _split(given)
    if parts is None:
        raise _refused(name, "must be a web address with a host")
    host = parts.netloc.rpartition("@")[2].lower()
    base = f"{parts.scheme}://{host}{parts.path or '/'}"
    address = WebAddress(base, parts.query)
    # The path that browsers always write may have been missing.
    if len(address.kept(with_query=True)) > MAX_ADDRESS:
        raise _refused(name, f"must be a web address of up to {MAX_ADDRESS} characters")
    return address


def attributes_of(given: object) -> dict[str, Attribute] | None:
    """What a page tells about its visitor, by name; None for nothing said.

    A value is a line of text, a number or a boolean; one that is null or an empty text says
    nothing. Raises InvalidParameter.
    """
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) > MAX_ATTRIBUTES:
        raise _refused("attributes", f"must be an object of up to {MAX_ATTRIBUTES} members")
    found: dict[str, Attribute] = {}
    for name, value in given.items():
        if visible_line(name) != name or len(name) > MAX_ATTRIBUTE_NAME:
            raise _refused(
                "attributes",
                f"must have names of 1 to {MAX_ATTRIBUTE_NAME} visible characters in one line",
            )
        if value is not None and value != "":
            found[name] = _attribute(value)
    return found


def _attribute(value: object) -> Attribute:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # Neither NaN nor what is infinite, nor a whole number that no float can be.
        if abs(value) <= _MAX_NUMBER:
            return value
        raise _refused("attributes", f"must have numbers of up to {_MAX_NUMBER}")
    line = visible_line(value)
    if line is None or len(line) > MAX_ATTRIBUTE_TEXT:
        raise _refused(
            "attributes",
            f"must have values that are numbers, booleans or texts of up to {MAX_ATTRIBUTE_TEXT} "
            "visible characters without control characters",
        )
    return line


def _time_zone(given: object) -> str:
    """A time zone that we know. A newer one than our list is nothing to refuse a visitor for."""
    if given is None:
        return ""
    if not isinstance(given, str):
        raise _refused("time_zone", "must be a text")
    return given if given in _known_time_zones() else ""


@cache
def _known_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if _HOST.fullmatch(parts.netloc.rpartition("@")[2]) else None


def _refused(name: str, rule: str) -> InvalidParameter:
    return InvalidParameter(f"{name!r} {rule}.", details={"field": name})
