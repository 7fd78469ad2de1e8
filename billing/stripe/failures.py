"""What Stripe's refusals mean for the caller."""

from collections.abc import Iterator
from contextlib import contextmanager


class StripeFailure(Exception):
    """A call that did not do what was asked, in Stripe's words."""


class Busy(StripeFailure):
    """429: too many calls; nothing happened."""

    def __init__(self, message: str, retry_after_seconds: float | None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Trouble(StripeFailure):
    """Stripe, or the way to it, failed: it may have worked or not.

    The same call with the same idempotency key is safe.
    """


class NotLetIn(StripeFailure):
    """The secret key is not accepted, or may not do this: a person has to change it."""


class Refused(StripeFailure):
    """The same call would be refused again."""


class Missing(Refused):
    """There is no such thing at Stripe, or not any more."""


class UnknownCustomer(StripeFailure):
    """Stripe has never had the customer: the key is of another account, or of another mode."""


@contextmanager
def telling_failures() -> Iterator[None]:
    """Translate what Stripe's package raises."""
    import stripe

    try:
        yield
    except stripe.RateLimitError as error:
        raise Busy(_words(error), _retry_after(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NotLetIn(_words(error)) from error
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        if error.code == "resource_missing":
            raise Missing(_words(error)) from error
        # Another call with the same idempotency key is under way.
        if error.http_status == 409:
            raise Trouble(_words(error)) from error
        raise Refused(_words(error)) from error
    except stripe.IdempotencyError as error:
        raise Refused(_words(error)) from error
    except stripe.StripeError as error:
        raise Trouble(_words(error)) from error


def _words(error: Exception) -> str:
    """Stripe's sentence, or the kind of fault where it has said none."""
    said = getattr(error, "user_message", None) or type(error).__name__
    return str(said)[:200]


def _retry_after(error: Exception) -> float | None:
    headers = getattr(error, "headers", None) or {}
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(given) if str(given).isdigit() else None
