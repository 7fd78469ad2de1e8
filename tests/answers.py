"""What every refused call has in common."""

from typing import Any

import requests


def assert_refused(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is this refusal, in the envelope; returns its `error`."""
    assert answer.headers["Content-Type"] == "application/json", answer.text
    body = answer.json()
    assert (answer.status_code, body["error"]["code"]) == (status, code), answer.text
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) <= {"code", "message", "details"}
    assert error["message"]
    assert answer.headers["X-Request-ID"]
    assert ("Retry-After" in answer.headers) == (status in {429, 503})
    return error
