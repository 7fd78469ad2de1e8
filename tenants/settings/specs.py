"""Which settings a tenant may have: typed, described, validated. Apps define theirs at import."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kernel import origins as origins_of_web
from kernel.text import visible_line
from tenants.errors import InvalidSetting

Value = TypeVar("Value")

_specs: dict[str, "SettingSpec[Any]"] = {}
_MAX_ORIGINS = 100


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


def text(*, maximum: int) -> ValueType[str]:
    """A visible text of so many characters in one line."""

    def validate(value: object) -> str:
        line = visible_line(value)
        if line is None or len(line) > maximum:
            raise InvalidSetting(
                f"Use a text of 1 to {maximum} characters, at least one of them visible."
            )
        return line

    return ValueType({"type": "string", "minLength": 1, "maxLength": maximum}, validate)


def shaped(pattern: str, *, maximum: int, advice: str) -> ValueType[str]:
    """A text that a regular expression of JSON Schema's matches; `advice` says how it looks."""
    compiled = re.compile(pattern)

    def validate(value: object) -> str:
        line = value.strip() if isinstance(value, str) else ""
        if len(line) > maximum or compiled.fullmatch(line) is None:
            raise InvalidSetting(advice)
        return line

    return ValueType({"type": "string", "pattern": pattern, "maxLength": maximum}, validate)


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


def some_of(*allowed: str) -> ValueType[list[str]]:
    """Some of a few words, each once, in their order."""

    def validate(value: object) -> list[str]:
        if not isinstance(value, list) or not all(one in allowed for one in value):
            raise InvalidSetting(f"Use a list of: {', '.join(allowed)}.")
        return [str(one) for one in allowed if one in value]

    items = {"type": "string", "enum": [str(one) for one in allowed]}
    return ValueType({"type": "array", "items": items, "maxItems": len(allowed)}, validate)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidSetting("Use true or false.")
    return value


def _origins(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > _MAX_ORIGINS:
        raise InvalidSetting(f"Use a list of up to {_MAX_ORIGINS} origins.")
    # As browsers send them, each once.
    return list(dict.fromkeys(map(_origin, value)))


def _origin(value: object) -> str:
    try:
        return origins_of_web.parse_origin(value if isinstance(value, str) else "")
    except origins_of_web.UnusableOrigin as unusable:
        raise InvalidSetting(str(unusable)) from None


boolean: ValueType[bool] = ValueType({"type": "boolean"}, _boolean)
# Web origins, or a single `*`.
origins: ValueType[list[str]] = ValueType(
    {
        "type": "array",
        "items": {"type": "string", "maxLength": origins_of_web.MAX_LENGTH},
        "maxItems": _MAX_ORIGINS,
    },
    _origins,
)
