"""What is counted about deliveries."""

from prometheus_client import Counter, Histogram

OUTCOMES = Counter(
    "chatorical_outbox_attempts_total", "Attempts to deliver an item.", ["kind", "outcome"]
)
AGE = Histogram(
    "chatorical_outbox_delivery_seconds",
    "From enqueuing to delivery.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
)
WAKE_UPS_FAILED = Counter(
    "chatorical_outbox_wake_ups_failed_total",
    "Wake-up calls that did not reach the broker; the poller stands in.",
)
