"""What of a payload may be shown to whom."""

from typing import Any

# Everything else in a payload may be somebody's words.
_HARMLESS = frozenset({"conversation", "channel", "bold_units", "is_pinned"})


def redacted(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload's shape, without anybody's words."""
    return {
        name: value if name in _HARMLESS else f"hidden ({len(str(value))} characters)"
        for name, value in payload.items()
    }
