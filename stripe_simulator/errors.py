"""Refusals, as Stripe words their shape."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A call that is answered with an error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "error": {"type": kind, "code": code, "message": message, "param": param}
        }
