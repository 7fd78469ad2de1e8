"""Identity tokens: JWTs by which a tenant's server says who a visitor is.

The key decides the algorithm, never the token: a public key is no secret to sign HS256 with.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from conversations.errors import IdentityExpired, IdentityInvalid
from conversations.identity.models import (
    MAX_EMAIL,
    MAX_PERSON_NAME,
    MAX_PHONE,
    MAX_SUBJECT,
    IdentityKey,
)
from conversations.visitors.page_reports import Attribute, attributes_of
from kernel.errors import InvalidParameter
from kernel.text import visible_line

MAX_LENGTH = 4096
MAX_SECONDS = 24 * 3600
# By how much the tenant's clock may differ from ours.
LEEWAY_SECONDS = 60
_MAX_MOMENT = 10**12

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*")


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key of the tenant's: the shared secret, or the public half in PEM."""

    algorithm: IdentityKey.Algorithm
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the visitor is, by the word of the tenant."""

    subject: str
    name: str = ""
    email: str = ""
    phone: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def verify(token: str, *, audience: str, keys: Iterable[VerifyingKey]) -> Identity:
    """What a token says that one of the keys has signed for this audience.

    Raises IdentityExpired for one whose time is over, and IdentityInvalid for every other one.
    """
    claims = _signed_claims(token, audience, keys)
    _require_timely(claims)
    try:
        attributes = attributes_of(claims.get("attributes"))
    except InvalidParameter as error:
        raise IdentityInvalid(f"`attributes`: {error.message}") from error
    return Identity(
        subject=_line(claims, "sub", MAX_SUBJECT, is_needed=True),
        name=_line(claims, "name", MAX_PERSON_NAME),
        email=_line(claims, "email", MAX_EMAIL, shape=_EMAIL),
        phone=_line(claims, "phone", MAX_PHONE, shape=_PHONE),
        attributes=attributes or {},
    )


def _signed_claims(token: str, audience: str, keys: Iterable[VerifyingKey]) -> dict[str, Any]:
    if len(token) > MAX_LENGTH:
        raise IdentityInvalid(f"The token is longer than {MAX_LENGTH} characters.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise IdentityInvalid() from error
    if "crit" in header:
        raise IdentityInvalid("The token asks for extensions (`crit`) that are not supported.")
    for known in keys:
        if known.algorithm != header.get("alg"):
            continue
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                known.key,
                algorithms=[known.algorithm],
                audience=audience,
                leeway=LEEWAY_SECONDS,
                # Times are for `_require_timely`, which knows bounds that the library does not.
                options={
                    "require": ["aud", "sub", "iat", "exp"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError) as error:
            raise IdentityInvalid(_what_is_wrong(error)) from error
        return claims
    raise IdentityInvalid("No key of this workspace has signed the token.")


def _what_is_wrong(error: Exception) -> str:
    """In our own words: the library's are about itself, such as how deep it recurses."""
    match error:
        case jwt.MissingRequiredClaimError():
            return f"`{error.claim}` is missing."
        case jwt.InvalidAudienceError():
            return "`aud` must be the slug of this workspace."
        case InvalidSubjectError():
            return "`sub` must be a text."
        case jwt.InvalidIssuedAtError():
            return "`iat` must be a number of seconds since 1970."
        case jwt.ImmatureSignatureError():
            return "`nbf` is in the future."
        case _:
            return "The token's contents are malformed."


def _require_timely(claims: Mapping[str, Any]) -> None:
    issued, expires = (_moment(claims, name) for name in ("iat", "exp"))
    now = time.time()
    if issued > now + LEEWAY_SECONDS:
        raise IdentityInvalid("`iat` is in the future.")
    if not 0 < expires - issued <= MAX_SECONDS:
        raise IdentityInvalid("`exp` must be after `iat`, by 24 hours at the most.")
    if expires <= now:
        raise IdentityExpired()


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Compared as it is: not every whole number of JSON can be made a float. Refuses NaN, too.
    if not is_number or not abs(value) < _MAX_MOMENT:
        raise IdentityInvalid(f"`{name}` must be a number of seconds since 1970.")
    return float(value)


def _line(
    claims: Mapping[str, Any],
    name: str,
    maximum: int,
    *,
    shape: re.Pattern[str] | None = None,
    is_needed: bool = False,
) -> str:
    value = claims.get(name)
    if value in (None, "") and not is_needed:
        return ""
    line = visible_line(value)
    # The subject is compared: it has one spelling.
    is_spelled = not is_needed or line == value
    if line is None or len(line) > maximum or not is_spelled:
        raise IdentityInvalid(f"`{name}` must be one line of 1 to {maximum} visible characters.")
    if shape is not None and not shape.fullmatch(line):
        raise IdentityInvalid(f"`{name}` does not look like one.")
    return line
