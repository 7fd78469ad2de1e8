"""Public answers that browsers and caches may keep, and what is sent to those that hold one."""

import hashlib

from django.http import HttpRequest, HttpResponse


def etag_of(body: bytes) -> str:
    """A strong validator of these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_held(request: HttpRequest, etag: str) -> bool:
    """Whether `If-None-Match` names this version.

    RFC 9110, weak comparison: `*`, or one of a list, marked as weak or not.
    """
    held = request.headers.get("If-None-Match", "")
    tags = [tag.strip().removeprefix("W/") for tag in held.split(",")]
    return tags == ["*"] or etag in tags


def cacheable_json(
    request: HttpRequest, body: bytes, *, etag: str, cache_control: str, language: str
) -> HttpResponse:
    """The document, or 304 for a caller that has it."""
    if is_held(request, etag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = cache_control
    return response
