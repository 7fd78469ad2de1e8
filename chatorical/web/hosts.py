"""Which requests must name us right."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

API_PREFIXES = ("/v1/", "/v2/")


class PagesMiddleware(CommonMiddleware):
    """Refuses pages under a host name that is not ours (ALLOWED_HOSTS); API calls may use any.

    Programs call by whatever name their network has for this process, as on the fast paths. The
    one thing that a name can mean, whose subdomain was called, is read in `tenants.resolution`.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Look at the host of a page's address."""
        if request.path_info.startswith(API_PREFIXES):
            return None
        return super().process_request(request)
