"""What is taken out of a log line: of our own code, of a library, or of an exception."""

import re
import sys
from collections.abc import Iterator, MutableMapping
from typing import Any

import psycopg
from structlog.processors import format_exc_info

HIDDEN = "[hidden]"
_SECRET_NAMES = ("token", "secret", "password", "authorization", "api_key", "text")
# What others have worded: libraries quote the addresses that they were asked for.
_QUOTING_NAMES = ("event", "exception", "stack_info", "error", "reason")
_SECRETS_IN_PATHS = re.compile(
    r"(/bot|/webhook/|/v1/conversations/|/admin/invitations/[^\s/]+/)[^\s&\"'?/]+"
)
# Word by word, so that a long one costs its length and not its square.
_WORDS = re.compile(r"[^\s\"']+")


def hide_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the values under names that smell of secrets."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET_NAMES):
            event[name] = HIDDEN
    return event


def mask_text(logger: object, method: str, event: MutableMapping[str, Any]) -> Any:
    """Write the exception out, and mask what it and the line itself quote.

    Addresses lose their query strings and the secrets among their paths. Of an error of PostgreSQL
    its first line is left: the others quote the row, a message's text included.
    """
    quoted = dict(_quotes_of_rows(event.get("exc_info")))
    shown = format_exc_info(logger, method, event)
    for name in _QUOTING_NAMES:
        text = shown.get(name)
        if isinstance(text, str):
            for whole, primary in quoted.items():
                text = text.replace(whole, primary)
            if name in ("error", "reason"):
                text = text.partition("\nDETAIL:")[0]
            text = _SECRETS_IN_PATHS.sub(rf"\1{HIDDEN}", text)
            shown[name] = _WORDS.sub(_without_query, text)
    return shown


def _without_query(word: re.Match[str]) -> str:
    """All of a query: the names in it can be written in as many ways as the values."""
    path, slash, rest = word[0].partition("/")
    rest, mark, query = rest.partition("?")
    return f"{path}{slash}{rest}?{HIDDEN}" if mark and query else word[0]


def _quotes_of_rows(exc_info: object) -> Iterator[tuple[str, str]]:
    """What errors of PostgreSQL say in full, each with its first line: as text, and as `repr`."""
    if not exc_info:
        return
    named = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    error = named if isinstance(named, BaseException) else sys.exception()
    waiting = [] if error is None else [error]
    seen: set[int] = set()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        if isinstance(error, psycopg.Error) and error.diag.message_primary:
            whole, primary = str(error), error.diag.message_primary
            yield whole, primary
            yield repr(whole)[1:-1], repr(primary)[1:-1]
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
        waiting += [each for each in (error.__cause__, error.__context__) if each is not None]
