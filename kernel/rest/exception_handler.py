"""Whatever a call ends with, as the one envelope of errors."""

from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from kernel.database import is_outage, renew_connections
from kernel.errors import (
    BadRequest,
    DomainError,
    Forbidden,
    InternalError,
    InvalidJson,
    InvalidParameter,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    Unauthorized,
    UnsupportedMediaType,
)
from kernel.http import as_domain_error, error_response

# Subclasses before their bases.
_TRANSLATIONS: tuple[tuple[type[Exception], type[DomainError]], ...] = (
    (exceptions.ParseError, InvalidJson),
    (exceptions.NotAuthenticated, Unauthorized),
    (exceptions.AuthenticationFailed, Unauthorized),
    (exceptions.PermissionDenied, Forbidden),
    (PermissionDenied, Forbidden),
    (exceptions.NotFound, NotFound),
    (Http404, NotFound),
    (exceptions.MethodNotAllowed, MethodNotAllowed),
    (exceptions.UnsupportedMediaType, UnsupportedMediaType),
    (RequestDataTooBig, PayloadTooLarge),
)


def error_answer(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Django REST framework's EXCEPTION_HANDLER: never lets an exception through."""
    if is_outage(error):
        renew_connections(error)
    return error_response(translate(error))


def translate(error: Exception) -> DomainError:
    """The refusal that an exception of Django, its REST framework or ours stands for."""
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, exceptions.Throttled):
        return RateLimited(retry_after_seconds=ceil(getattr(error, "wait", None) or 1))
    for foreign, ours in _TRANSLATIONS:
        if isinstance(error, foreign):
            return ours()
    if isinstance(error, exceptions.APIException):
        return BadRequest() if error.status_code < 500 else InternalError()
    return as_domain_error(error)


def _invalid(error: exceptions.ValidationError) -> InvalidParameter:
    """`details` say by field what is wrong with it."""
    details = {}
    if isinstance(error.detail, dict):
        details = {str(field): _sentences(wrong) for field, wrong in error.detail.items()}
    else:
        details = {"body": _sentences(error.detail)}
    field, sentences = next(iter(details.items()), ("", []))
    message = f"{field}: {sentences[0]}" if sentences else None
    return InvalidParameter(message, details=details)


def _sentences(wrong: Any) -> list[str]:
    """Every sentence within, however deep a nested value's errors are."""
    if isinstance(wrong, dict):
        return [
            f"{field}: {sentence}" for field, more in wrong.items() for sentence in _sentences(more)
        ]
    if isinstance(wrong, list | tuple):
        return [sentence for more in wrong for sentence in _sentences(more)]
    return [str(wrong)]
