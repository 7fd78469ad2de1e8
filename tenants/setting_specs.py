"""Which settings a tenant may have: typed, described, validated. Apps define theirs at import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tenants.errors import InvalidSetting

Value = TypeVar("Value")

_specs: dict[str, "SettingSpec[Any]"] = {}


@dataclass(frozen=True, slots=True)
class SettingSpec(Generic[Value]):
    """One setting. `default_value` is called each time, so that it may follow the environment."""

    key: str
    description: str
    default_value: Callable[[], Value]
    validate: Callable[[object], Value]


def define(
    key: str,
    *,
    description: str,
    default: Callable[[], Value],
    validate: Callable[[object], Value],
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


def text(*, maximum: int, minimum: int = 1) -> Callable[[object], str]:
    """Accepts a text of so many characters after trimming."""

    def validate(value: object) -> str:
        if not isinstance(value, str) or not minimum <= len(value.strip()) <= maximum:
            raise InvalidSetting(f"Use a text of {minimum} to {maximum} characters.")
        return value.strip()

    return validate


def boolean(value: object) -> bool:
    """Accepts true and false."""
    if not isinstance(value, bool):
        raise InvalidSetting("Use true or false.")
    return value


def integer(*, minimum: int, maximum: int) -> Callable[[object], int]:
    """Accepts a whole number within bounds."""

    def validate(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            raise InvalidSetting(f"Use a whole number from {minimum} to {maximum}.")
        return value

    return validate


def one_of(*allowed: str) -> Callable[[object], str]:
    """Accepts one of a few words."""

    def validate(value: object) -> str:
        if value not in allowed:
            raise InvalidSetting(f"Use one of: {', '.join(allowed)}.")
        return str(value)

    return validate


def origins(value: object) -> list[str]:
    """Accepts a list of web origins, or of a single `*`."""
    if not isinstance(value, list) or len(value) > 100:
        raise InvalidSetting("Use a list of up to 100 origins.")
    for origin in value:
        is_origin = isinstance(origin, str) and (
            origin == "*" or origin.startswith(("http://", "https://"))
        )
        if not is_origin:
            raise InvalidSetting("Use origins such as https://shop.example.")
    return [origin.rstrip("/").lower() for origin in value]
