"""What a person sees in the console when a page cannot be shown."""

from django.http import HttpResponse
from django.template.loader import render_to_string

from kernel.context import current_request_id
from kernel.errors import DomainError

_TITLES = {
    403: "This page is not yours to see",
    404: "There is no such page",
    503: "The service is briefly unavailable",
}
_ADVICE = {
    403: "Ask a colleague of the platform if you need it.",
    404: "It may have been removed, or the address is mistyped.",
    503: "Nothing was changed. The database takes no changes right now. Try again in a minute.",
}


def error_page(error: DomainError) -> HttpResponse:
    """A page that needs neither session nor database: either may be what is broken."""
    context = {
        "title": _TITLES.get(error.http_status, "Something went wrong on our side"),
        "advice": _ADVICE.get(
            error.http_status, "Nothing was changed. Try again; the request id leads to the cause."
        ),
        "request_id": current_request_id(),
    }
    page = render_to_string("console/error.html", context)
    response = HttpResponse(page, status=error.http_status)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response
