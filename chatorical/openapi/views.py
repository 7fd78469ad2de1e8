"""The API's description, for programs and for people."""

import hashlib
import json
from collections.abc import Callable
from functools import cache, wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import condition, require_safe

from chatorical.openapi.document import openapi_yaml
from kernel.errors import RateLimited
from kernel.http import address_of, error_response
from tenants import rate_limits

View = Callable[[HttpRequest], HttpResponse]

_SYSTEM_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_THEME = json.dumps(
    {
        "colors": {"primary": {"main": "#3B5BDB"}, "text": {"primary": "#14171F"}},
        "typography": {
            "fontSize": "15px",
            "fontFamily": _SYSTEM_FONT,
            "headings": {"fontFamily": _SYSTEM_FONT, "fontWeight": "600"},
            "code": {"fontFamily": "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"},
        },
        "sidebar": {"backgroundColor": "#F5F6F8"},
        "rightPanel": {"backgroundColor": "#12151C"},
    }
)

# The reader would fetch its maker's logo from elsewhere; a page about us asks nobody else.
_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; worker-src blob:; "
    "img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def _limited(view: View) -> View:
    """Answer callers of one address so many times in a window (RL_DOCS_POINTS), then refuse."""

    @wraps(view)
    def limited(request: HttpRequest) -> HttpResponse:
        try:
            rate_limits.take_for_address("docs", address_of(request))
        except RateLimited as error:
            return error_response(error)
        return view(request)

    return limited


@cache
def _etag() -> str:
    return f'"{hashlib.sha256(openapi_yaml()).hexdigest()[:20]}"'


@require_safe
@_limited
@condition(etag_func=lambda _: _etag())
def document(request: HttpRequest) -> HttpResponse:
    """GET /docs/openapi.yaml"""
    response = HttpResponse(openapi_yaml(), content_type="application/yaml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@_limited
def page(request: HttpRequest) -> HttpResponse:
    """GET /docs/: the same, to be read."""
    response = render(request, "docs/api.html", {"theme": _THEME})
    response.headers["Content-Security-Policy"] = _POLICY
    return response
