"""Which settings a tenant may have: typed, described, validated. Apps define theirs at import."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chatorical.kernel.text import is_storable
from tenants.errors import InvalidSetting

Value = TypeVar("Value")

_specs: dict[str, "SettingSpec[Any]"] = {}
_MOST_ORIGINS = 100
# A host name has 253 characters at most.
_LONGEST_ORIGIN = 300
# Hosts of other scripts are sent as xn--…; some home networks have names with underscores.
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class ValueType(Generic[Value]):
    """What a setting's value may be: for programs to read, and as a check.

    Calling it gives the value as it is stored; raises InvalidSetting.
    """

    # In the terms of JSON Schema.
    schema: Mapping[str, object]
    check: Callable[[object], Value]

    def __call__(self, value: object) -> Value:
        """The value, cleaned."""
        return self.check(value)


@dataclass(frozen=True, slots=True)
class SettingSpec(Generic[Value]):
    """One setting. `default_value` is called each time, so that it may follow the environment."""

    key: str
    description: str
    default_value: Callable[[], Value]
    validate: ValueType[Value]


def define(
    key: str,
    *,
    description: str,
    default: Callable[[], Value],
    validate: ValueType[Value],
) -> SettingSpec[Value]:
    """Register a setting under its key and return it for typed reading."""
    spec = SettingSpec(key, description, default, validate)
    _specs[key] = spec
    return spec


def all_specs() -> dict[str, SettingSpec[Any]]:
    """Every setting that is known, by key."""
    return dict(_specs)


def find_spec(key: str) -> SettingSpec[Any]:
    """The setting called `key`; raises InvalidSetting for an unknown one."""
    try:
        return _specs[key]
    except KeyError:
        raise InvalidSetting(f"There is no setting called {key!r}.") from None


def text(*, maximum: int, minimum: int = 1) -> ValueType[str]:
    """A text of so many characters after trimming."""

    def validate(value: object) -> str:
        is_text = isinstance(value, str) and is_storable(value)
        if not is_text or not minimum <= len(str(value).strip()) <= maximum:
            raise InvalidSetting(f"Use a text of {minimum} to {maximum} characters.")
        return str(value).strip()

    return ValueType({"type": "string", "minLength": minimum, "maxLength": maximum}, validate)


def integer(*, minimum: int, maximum: int) -> ValueType[int]:
    """A whole number within bounds."""

    def validate(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise InvalidSetting(f"Use a whole number from {minimum} to {maximum}.")
        return value

    return ValueType({"type": "integer", "minimum": minimum, "maximum": maximum}, validate)


def one_of(*allowed: str) -> ValueType[str]:
    """One of a few words."""

    def validate(value: object) -> str:
        if value not in allowed:
            raise InvalidSetting(f"Use one of: {', '.join(allowed)}.")
        return str(value)

    return ValueType({"type": "string", "enum": list(allowed)}, validate)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidSetting("Use true or false.")
    return value


def _origins(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > _MOST_ORIGINS:
        raise InvalidSetting(f"Use a list of up to {_MOST_ORIGINS} origins.")
    return [_origin(origin) for origin in value]


def _origin(value: object) -> str:
    """As browsers send it: an address with a path, say, would be kept and never match."""
    origin = value.rstrip("/").lower() if isinstance(value, str) else ""
    if origin != "*" and (len(origin) > _LONGEST_ORIGIN or _ORIGIN.fullmatch(origin) is None):
        raise InvalidSetting("Use origins such as https://shop.example.")
    return origin


boolean: ValueType[bool] = ValueType({"type": "boolean"}, _boolean)
# Web origins, or a single `*`.
origins: ValueType[list[str]] = ValueType(
    {
        "type": "array",
        "items": {"type": "string", "maxLength": _LONGEST_ORIGIN},
        "maxItems": _MOST_ORIGINS,
    },
    _origins,
)
