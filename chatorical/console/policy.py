"""What a browser may do on the console's pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# Only scripts of files run: neither those within a page nor texts that a script compiles. The
# theme's expressions (Alpine) are read by a parser of its own: see vendored/README.md. Styles stand
# within pages, the heights of the chart's bars among them.
POLICY = (
    "default-src 'self'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ConsolePolicyMiddleware:
    """Adds the Content Security Policy to the console's answers."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the policy."""
        response = self._get_response(request)
        if request.path.startswith(reverse("admin:index")):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
