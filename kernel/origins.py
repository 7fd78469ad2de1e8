"""Web origins (`https://shop.example`) in the one form in which browsers send them."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

ANY = "*"
MAX_LENGTH = 300

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORT = re.compile(r"[0-9]{1,6}")
# Some home networks have names with underscores.
_ASCII_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_FOREIGN_LABEL = re.compile(r"\bxn--([a-z0-9-]+)")
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOCAL = re.compile(r"localhost\b|127\.|\[", re.IGNORECASE)
_EXAMPLE = "Use an origin such as https://shop.example."


class UnusableOrigin(ValueError):
    """What was given as an origin matches no browser's; the message says what to write."""


def parse_origin(given: str) -> str:
    """The origin as browsers send it, or `*`; raises UnusableOrigin.

    In lower case, without the scheme's own port, dots or slashes at the end, and with the host of
    another script in its `xn--` form.
    """
    text = given.strip()
    if text == ANY:
        return ANY
    shown = repr(text[:80])
    if text.lower() == "null":
        raise UnusableOrigin(f"{shown} is sent by pages that have no origin, such as files.")
    if not text or len(text) > MAX_LENGTH:
        raise UnusableOrigin(f"{shown} is no origin. {_EXAMPLE}")
    if not _HAS_SCHEME.match(text):
        scheme = "http" if _LOCAL.match(text) else "https"
        raise UnusableOrigin(f"{shown} has no scheme. {_advice(f'{scheme}://{text}')}")
    parts = _split(text)
    if parts is None or not parts.netloc:
        raise UnusableOrigin(f"{shown} is no origin. {_EXAMPLE}")
    if parts.scheme not in _DEFAULT_PORTS:
        raise UnusableOrigin(f"{shown} does not begin with https:// or http://. {_EXAMPLE}")
    has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if has_more or "?" in text or "#" in text:
        raise UnusableOrigin(f"{shown} is more than an origin. {_advice(text)}")
    if "*" in parts.netloc:
        raise UnusableOrigin(
            f"{shown} leaves a part of the origin open. Name each website, or use * for all."
        )
    return _joined(parts, shown)


def normal_form(given: str) -> str:
    """`parse_origin` for comparing: what is no origin stays as it is, and matches only itself."""
    return _normal_form(given) if len(given) <= MAX_LENGTH else given


@lru_cache(maxsize=4096)
def _normal_form(given: str) -> str:
    try:
        return parse_origin(given)
    except UnusableOrigin:
        return given


def readable(origin: str) -> str:
    """An origin for people: a host of another script is spelled in it."""
    shown = _FOREIGN_LABEL.sub(lambda label: _readable_label(label.group(1), label.group()), origin)
    return shown if normal_form(shown) == origin else origin


def _advice(text: str) -> str:
    """What to write instead of an address that has an origin within it."""
    parts = _split(text)
    if parts is None or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return _EXAMPLE
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], path="", query="", fragment="")
    try:
        return f"Write {_joined(bare, repr(text))}."
    except UnusableOrigin:
        return _EXAMPLE


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _joined(parts: SplitResult, shown: str) -> str:
    host, port_text = parts.netloc, ""
    if not host.endswith("]") and ":" in host:
        host, _, port_text = host.rpartition(":")
    port = int(port_text) if _PORT.fullmatch(port_text) else None
    if port_text and (port is None or not 1 <= port <= 65_535):
        raise UnusableOrigin(f"{shown} has no port from 1 to 65535. {_EXAMPLE}")
    own = port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{_host(host, shown)}{'' if own else f':{port}'}"


def _host(given: str, shown: str) -> str:
    if given.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(given.strip('[]')).compressed}]"
        except ValueError:
            raise UnusableOrigin(f"{shown} has no IPv6 address in its brackets.") from None
    try:
        # As browsers do (UTS 46), which take more than the registries sell, such as emoji.
        mapped = idna.uts46_remap(given, std3_rules=False, transitional=False).rstrip(".")
        host = ".".join(map(_ascii_label, mapped.split(".")))
    except (idna.IDNAError, UnicodeError):
        host = ""
    if not host or len(host) > 253 or not all(map(_ASCII_LABEL.fullmatch, host.split("."))):
        raise UnusableOrigin(f"{shown} has no host name that browsers know. {_EXAMPLE}")
    return host


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _readable_label(encoded: str, label: str) -> str:
    try:
        return encoded.encode("ascii").decode("punycode")
    except UnicodeError:
        return label
