"""Which requests must name us right, and be written in UTF-8."""

import codecs
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

API_PREFIXES = ("/v1/", "/v2/")
_CONSOLE = "/admin/"


class PagesMiddleware(CommonMiddleware):
    """Refuses pages under a host name that is not ours (ALLOWED_HOSTS); API calls may use any.

    And forms that claim another encoding than UTF-8: Python knows some, such as `zlib`, by which
    Django would fail to read a form. And the console's queries with a NUL, which PostgreSQL takes
    in no text.

    Programs call by whatever name their network has for this process, as on the fast paths. The
    one thing that a name can mean, whose subdomain was called, is read in `tenants.resolution`.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Look at the host of a page's address; raises BadRequest for another encoding or a NUL."""
        if request.path_info.startswith(API_PREFIXES):
            return None
        if request.encoding is not None and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("forms are sent in UTF-8")
        is_console = request.path_info.startswith(_CONSOLE)
        if is_console and "\0" in unquote(request.META["QUERY_STRING"]):
            raise BadRequest("a query has no NUL")
        return super().process_request(request)
