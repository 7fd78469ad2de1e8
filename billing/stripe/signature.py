"""Whether a webhook call comes from Stripe.

Checked without Stripe's package, which a web process would load for nothing else: it takes 34 MiB.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from billing.errors import StripeSignatureInvalid

# Only old ones are refused, as Stripe's package does it: our clock may be behind.
TOLERANCE_SECONDS = 300
_MAX_HEADER = 2_000
_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)


def require_signed(payload: bytes, header: str, *, secrets: Sequence[str], now: float) -> None:
    """Raise StripeSignatureInvalid unless one of the secrets has signed the body a moment ago."""
    timestamp, signatures = _parts(header)
    if not secrets:
        raise StripeSignatureInvalid("STRIPE_WEBHOOK_SECRET is not set here.")
    if not _TIMESTAMP.fullmatch(timestamp) or not signatures:
        raise StripeSignatureInvalid("The Stripe-Signature header is missing or is not one.")
    signed = timestamp.encode() + b"." + payload
    expected = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
    if not any(
        hmac.compare_digest(given.encode(), right.encode())
        for given in signatures
        for right in expected
    ):
        raise StripeSignatureInvalid()
    if int(timestamp) < now - TOLERANCE_SECONDS:
        raise StripeSignatureInvalid("The signature is older than five minutes.")


def _parts(header: str) -> tuple[str, list[str]]:
    """The moment and the signatures of the scheme v1; Stripe names others for tests."""
    pairs = [part.strip().partition("=") for part in header[:_MAX_HEADER].split(",")]
    moments = [value for name, _, value in pairs if name == "t"]
    return (moments[0] if moments else ""), [value for name, _, value in pairs if name == "v1"]
