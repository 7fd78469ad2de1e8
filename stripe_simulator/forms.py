"""Bodies and queries as Stripe takes them: `items[0][price]=price_1`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"[^\[\]]+")


def read(text: str) -> dict[str, Any]:
    """Nested values; lists where all names are numbers, or none is written."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = _PART.findall(name)
        if name.endswith("[]"):
            parts.append(str(len(_inner(root, parts))))
        _put(root, parts, value)
    tidy: dict[str, Any] = {name: _lists(value) for name, value in root.items()}
    return tidy


def _inner(root: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    inner = root
    for part in parts:
        inner = inner.setdefault(part, {})
    return inner


def _put(root: dict[str, Any], parts: list[str], value: str) -> None:
    *path, last = parts
    _inner(root, path)[last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def flag(value: Any) -> bool:
    """Whether a value says yes."""
    return value in ("true", True)
