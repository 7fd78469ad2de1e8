"""One root for every refusal a caller can cause or should be told about."""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable code for programs and a sentence for people.

    Subclasses name one situation each. `details` are public and go into the answer; `context` is
    for logs only. `retry_after_seconds` becomes the `Retry-After` header where there is one.
    """

    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 400
    message: ClassVar[str] = "The request could not be carried out."

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Mapping[str, object] | None = None,
        retry_after_seconds: int | None = None,
        **context: object,
    ) -> None:
        self.public_message = message or self.message
        self.details = dict(details) if details else None
        self.retry_after_seconds = retry_after_seconds
        self.context = context
        super().__init__(self.public_message)

    def envelope(self) -> dict[str, object]:
        """The JSON object every HTTP error answer carries."""
        error: dict[str, object] = {"code": self.code, "message": self.public_message}
        if self.details:
            error["details"] = self.details
        return {"error": error}


class BadRequest(DomainError):
    """The request itself cannot be understood."""

    code = "bad_request"
    message = "The request could not be understood."


class InvalidJson(BadRequest):
    """The body is not the JSON object the call expects."""

    code = "invalid_json"
    message = "The body must be a JSON object in UTF-8."


class InvalidParameter(BadRequest):
    """One named value is missing or outside its bounds."""

    code = "invalid_parameter"
    message = "A value is missing or not allowed."


class Unauthorized(DomainError):
    """No credentials, or none that are valid."""

    code = "unauthorized"
    http_status = 401
    message = "A valid token is required."


class Forbidden(DomainError):
    """The caller is known, and may not do this."""

    code = "forbidden"
    http_status = 403
    message = "This is not allowed."


class NotFound(DomainError):
    """Unknown, or not the caller's: the two must look alike."""

    code = "not_found"
    http_status = 404
    message = "There is nothing at this address."


class MethodNotAllowed(DomainError):
    """The address exists, the verb does not."""

    code = "method_not_allowed"
    http_status = 405
    message = "This method is not supported here."


class PreconditionFailed(DomainError):
    """The thing has another version than the caller's `If-Match`."""

    code = "precondition_failed"
    http_status = 412
    message = "This has changed since you read it. Read it again, then repeat the change."


class RequestTimeout(DomainError):
    """The head or the body did not arrive in time."""

    code = "request_timeout"
    http_status = 408
    message = "The request took too long to arrive. Please try again."


class HeadersTooLarge(DomainError):
    """What comes before the body is over the limit."""

    code = "headers_too_large"
    http_status = 431
    message = "The address and headers of this request are too long."


class PayloadTooLarge(DomainError):
    """The body is over the limit."""

    code = "payload_too_large"
    http_status = 413
    message = "The body is too large."


class UnsupportedMediaType(DomainError):
    """The body is not JSON."""

    code = "unsupported_media_type"
    http_status = 415
    message = "Send the body as application/json."


class RateLimited(DomainError):
    """Too many requests of one kind."""

    code = "rate_limited"
    http_status = 429
    message = "Too many requests. Please wait a moment."


class InternalError(DomainError):
    """A fault of ours; the request id leads to it in the logs."""

    code = "internal_error"
    http_status = 500
    message = "Something went wrong on our side. Please try again."


class DependencyDown(DomainError):
    """The database or another part we need is away; trying again soon is right."""

    code = "unavailable"
    http_status = 503
    message = "The service is briefly unavailable. Please try again in a few seconds."

    def __init__(self, message: str | None = None, **context: object) -> None:
        super().__init__(message, retry_after_seconds=2, details=None, **context)
