"""JSON over HTTP for the hot paths: reading requests, answering, one place for errors."""

import ipaddress
import json
import re
from collections.abc import Callable, Coroutine, Hashable, Mapping
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kernel.database import is_outage, renew_connections
from kernel.errors import (
    BadRequest,
    DependencyDown,
    DomainError,
    InternalError,
    InvalidJson,
    InvalidParameter,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from kernel.service_threads import in_thread, in_thread_of

logger = structlog.get_logger(__name__)

# In an ASGI scope: the DomainError for which a view that answers it itself has no whole request.
FAULT_OF_REQUEST = "chatorical.fault_of_request"

# What a browser is told about every answer.
SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

# No caller's and no proxy's; nothing listens there.
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  # nosec B104
_FORWARDED = b"x-forwarded-for"
_WITH_PORT = re.compile(r"\[([^]]+)\](?::\d+)?|([^:]+):\d+")

View = Callable[..., HttpResponse]
SubjectOf = Callable[[HttpRequest, Mapping[str, object]], Hashable | None]
AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def json_response(body: object, *, status: int = 200) -> HttpResponse:
    """A JSON answer that nobody keeps.

    JSON can spell half of a surrogate pair, UTF-8 cannot: a refusal that quotes one says `?`.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return bytes_response(text.encode(errors="replace"), status=status)


def bytes_response(body: bytes, *, status: int = 200) -> HttpResponse:
    """A JSON answer that is encoded already and that nobody keeps."""
    response = HttpResponse(body, content_type="application/json", status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def error_response(error: DomainError) -> HttpResponse:
    """The envelope that every refused call is answered with."""
    response = json_response(error.envelope(), status=error.http_status)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def read_json_object(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object, an empty one for an empty body.

    Raises UnsupportedMediaType for another declared type, PayloadTooLarge, and InvalidJson for
    anything else.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        raise PayloadTooLarge() from None
    if not body:
        return {}
    if request.content_type and request.content_type != "application/json":
        raise UnsupportedMediaType()
    try:
        parsed = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise InvalidJson() from None
    if not isinstance(parsed, dict):
        raise InvalidJson()
    return parsed


def fault_of_request(request: HttpRequest) -> DomainError | None:
    """Why the request is not whole, where that was left to the view."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    fault: DomainError | None = scope.get(FAULT_OF_REQUEST)
    return fault


def bearer_token(request: HttpRequest) -> str | None:
    """The token of an `Authorization: Bearer` header, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def endpoint(*, one_at: SubjectOf | None = None, **by_method: View) -> AsyncView:
    """One address: a plain function per HTTP method, run in the service threads.

    `endpoint(get=read, post=send)`. Errors become answers; another method is answered 405. `one_at`
    says what a call may wait for, such as a conversation: calls for one of them share two threads.
    """
    views: Mapping[str, View] = {name.upper(): view for name, view in by_method.items()}

    def answer(view: View, request: HttpRequest, parameters: Mapping[str, object]) -> HttpResponse:
        try:
            return view(request, **parameters)
        except Exception as error:  # noqa: BLE001 (the edge: nothing may leave as a stack trace)
            if is_outage(error):
                renew_connections(error)
            return error_response(as_domain_error(error))

    async def dispatch(request: HttpRequest, **parameters: object) -> HttpResponse:
        view = views.get(request.method or "")
        if view is None:
            return _method_not_allowed(views)
        subject = None if one_at is None else one_at(request, parameters)
        if subject is None:
            return await in_thread(answer, view, request, parameters)
        return await in_thread_of(subject, answer, view, request, parameters)

    return _exempt(dispatch)


def instant_endpoint(**by_method: View) -> AsyncView:
    """As `endpoint`, for views that only compute: they answer on the event loop itself.

    They go on answering when every service thread waits for a database that does not.
    """
    views: Mapping[str, View] = {name.upper(): view for name, view in by_method.items()}

    async def dispatch(request: HttpRequest, **parameters: object) -> HttpResponse:
        view = views.get(request.method or "")
        if view is None:
            return _method_not_allowed(views)
        try:
            return view(request, **parameters)
        except DomainError as error:
            return error_response(error)

    return _exempt(dispatch)


def async_endpoint(**by_method: AsyncView) -> AsyncView:
    """As `endpoint`, for views that wait for something else than a service thread."""
    views: Mapping[str, AsyncView] = {name.upper(): view for name, view in by_method.items()}

    async def dispatch(request: HttpRequest, **parameters: object) -> HttpResponseBase:
        view = views.get(request.method or "")
        if view is None:
            return _method_not_allowed(views)
        try:
            return await view(request, **parameters)
        except Exception as error:  # noqa: BLE001 (the edge: nothing may leave as a stack trace)
            return error_response(as_domain_error(error))

    return _exempt(dispatch)


def _exempt(view: AsyncView) -> AsyncView:
    view.csrf_exempt = True  # type: ignore[attr-defined]  # no cookies are read on these paths
    return view


def _method_not_allowed(views: Mapping[str, object]) -> HttpResponse:
    response = error_response(MethodNotAllowed())
    response.headers["Allow"] = ", ".join(views)
    return response


def as_domain_error(error: Exception) -> DomainError:
    """What to tell the caller about any exception; faults of ours are logged here."""
    if isinstance(error, DomainError):
        if error.http_status >= 500:
            logger.error("request_failed", code=error.code, **error.context)
        return error
    if isinstance(error, SuspiciousOperation):
        # Django's word for requests beyond its bounds, such as one with thousands of parameters.
        return BadRequest()
    if is_outage(error):
        logger.error("database_away", error=type(error).__name__, reason=str(error)[:200])
        return DependencyDown()
    logger.exception("request_crashed", exc_info=error)
    return InternalError()


def client_address(peer: str | None, forwarded_for: str | None) -> str:
    """The caller's address: the peer's, or what trusted proxies say it is.

    Reads `X-Forwarded-For` from the right, past the proxies that TRUSTED_PROXIES names, up to the
    first hop that none of them can have written; what an untrusted peer claims is ignored. A UNIX
    socket has no peer and counts as a trusted proxy. A hop that is no address, an empty one among
    others too, is a caller whom nobody knows, and not the proxy that has named it: that one may
    more.
    """
    farthest = _as_address(peer) if peer else None
    hops = (forwarded_for or "").strip()
    for hop in reversed(hops.split(",") if hops else []):
        if farthest is not None and not _is_trusted(farthest):
            break
        farthest = _as_address(_without_port(hop.strip())) or UNKNOWN_ADDRESS
    return farthest or "127.0.0.1"


def _without_port(hop: str) -> str:
    """The address of `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write it."""
    with_port = _WITH_PORT.fullmatch(hop)
    return hop if with_port is None else with_port[1] or with_port[2]


def network_of(address: str) -> str:
    """Whom an address stands for: an IPv4 address itself, of an IPv6 one its /64.

    The holder of one address of such a network has all of them.
    """
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address


def counted_network(address: str) -> str | None:
    """The network that bounds per address count for; None for an address of a trusted proxy.

    A proxy that does not say for whom it asks stands for everybody behind it.
    """
    return None if _is_trusted(address) else network_of(address)


@lru_cache(maxsize=4096)
def _is_trusted(address: str) -> bool:
    return is_in(address, tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=4096)
def _as_address(text: str) -> str | None:
    """The address in one spelling, IPv4 within IPv6 as IPv4; None for what is no address."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def is_in(address: str, networks: tuple[Any, ...]) -> bool:
    """Whether an address lies in one of the networks; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def address_of(request: HttpRequest) -> str:
    """`client_address` of a Django request."""
    return client_address(
        request.META.get("REMOTE_ADDR") or None, request.META.get("HTTP_X_FORWARDED_FOR")
    )


def address_of_scope(scope: Mapping[str, Any]) -> str:
    """`client_address` of an ASGI scope."""
    # Of several lines one list, as HTTP has it: each proxy may add a line of its own.
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == _FORWARDED]
    peer = scope.get("client")
    return client_address(peer[0] if peer else None, ",".join(lines))


def require_text(body: Mapping[str, Any], name: str) -> str:
    """A text of the body; raises BadRequest naming what is missing."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name!r} must be a text.", details={"field": name})
    return value


def optional_text(body: Mapping[str, Any], name: str) -> str | None:
    """A text of the body, None where there is none; raises InvalidParameter."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidParameter(f"{name!r} must be a text.", details={"field": name})
    return value
