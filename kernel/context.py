"""What is known about the work in hand: who asked, under which request id."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.contextvars import bind_contextvars, bound_contextvars

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_facts: ContextVar[dict[str, str] | None] = ContextVar("request_facts", default=None)


def start_request() -> dict[str, str]:
    """Begin to gather what becomes known about a request, for the line that sums it up.

    The record is shared with the threads that work for the request, which copy the context.
    """
    facts: dict[str, str] = {}
    _facts.set(facts)
    return facts


def note(**facts: str) -> None:
    """Add to what is known about the request in hand; outside of one it does nothing."""
    gathered = _facts.get()
    if gathered is not None:
        gathered.update(facts)


def gathered_facts() -> dict[str, str]:
    """What is known about the request in hand."""
    return _facts.get() or {}


def adopt_request_id(offered: str | None) -> str:
    """Take over the caller's request id when it is a short plain word, else make one.

    From here on it is on every log line of this context.
    """
    sane = offered is not None and _SANE_REQUEST_ID.fullmatch(offered) is not None
    request_id = offered if sane and offered is not None else uuid.uuid4().hex
    _request_id.set(request_id)
    bind_contextvars(request_id=request_id)
    return request_id


@contextmanager
def on_behalf_of(request_id: str, **facts: object) -> Iterator[None]:
    """Carry on a request's work elsewhere: under its id, and with what is known, in every line.

    What is promised inside is promised under the same id.
    """
    token = _request_id.set(request_id)
    try:
        with bound_contextvars(request_id=request_id or "-", **facts):
            yield
    finally:
        _request_id.reset(token)


def current_request_id() -> str:
    """The request id in force, or an empty string outside any request."""
    return _request_id.get()
