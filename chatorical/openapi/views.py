"""The API's description, for programs and for people."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatorical.openapi.document import openapi_yaml

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


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """GET /docs/openapi.yaml"""
    content = openapi_yaml()
    response = HttpResponse(content, content_type="application/yaml; charset=utf-8")
    response.headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """GET /docs/: the same, to be read."""
    response = render(request, "docs/api.html", {"theme": _THEME})
    response.headers["Content-Security-Policy"] = _POLICY
    return response
