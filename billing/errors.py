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


class PlanNotForSale(NotFound):
    """No such plan with a price for this interval, or Stripe does not know it yet."""

    code = "plan_not_for_sale"
    message = "This plan cannot be bought for this interval."


class AlreadySubscribed(DomainError):
    """A second subscription would be paid beside the first."""

    code = "already_subscribed"
    http_status = 409
    message = "There is a subscription already. Change it in the billing portal."


class NoBillingAccount(NotFound):
    """The tenant has never bought anything."""

    code = "no_billing_account"
    message = "Nothing has been bought yet, so there is nothing to manage."


class StripeFailed(DomainError):
    """Stripe refused, or did not answer in time."""

    code = "stripe_failed"
    http_status = 409
    message = "Stripe did not do it. Please try again."
