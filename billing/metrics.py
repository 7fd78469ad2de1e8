"""What is counted about payments and limits."""

from prometheus_client import Counter, Histogram

STRIPE_WEBHOOKS = Counter(
    "chatorical_stripe_webhooks_total",
    "Webhook calls of Stripe.",
    ["outcome"],
)
for _outcome in ("recorded", "repeated", "refused", "failed"):
    STRIPE_WEBHOOKS.labels(_outcome)
STRIPE_WEBHOOK_SECONDS = Histogram(
    "chatorical_stripe_webhook_seconds", "Time to answer a webhook call of Stripe."
)

LIMITS_REACHED = Counter(
    "chatorical_limits_reached_total",
    "How often a tenant came to 80 or 100 percent of a limit.",
    ["limit", "percent"],
)
