"""What can be refused about plans."""

from kernel.errors import DomainError, NotFound


class PlanNotFound(NotFound):
    """No plan by this code."""

    code = "plan_not_found"
    message = "There is no such plan."


class PlanCodeTaken(DomainError):
    """Another plan has this code."""

    code = "plan_code_taken"
    http_status = 409
    message = "Another plan has this code already."


class StripeSignatureInvalid(DomainError):
    """A webhook call that Stripe has not signed, or not a moment ago."""

    code = "stripe_signature_invalid"
    message = "Stripe has not signed this call, or the secret is another one."


class StripeNotConfigured(DomainError):
    """Nobody can pay here: the installation has no key of Stripe's."""

    code = "stripe_not_configured"
    http_status = 409
    message = "Payments are not set up here."
