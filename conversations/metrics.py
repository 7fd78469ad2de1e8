"""What is counted about conversations."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("chatorical_messages_total", "Messages stored.", ["direction"])
SOCKETS = Gauge(
    "chatorical_sockets",
    "Open customer sockets.",
    ["tenant"],
    multiprocess_mode="livesum",
)
SOCKET_REFUSALS = Counter(
    "chatorical_socket_refusals_total", "Sockets refused before the upgrade.", ["code"]
)
FRAMES = Counter("chatorical_socket_frames_total", "Frames from customers.", ["tenant", "outcome"])
FRAMES_SENT = Counter("chatorical_socket_frames_sent_total", "Frames to customers.", ["tenant"])
PUSHES_FAILED = Counter(
    "chatorical_pushes_failed_total", "Pushes that did not reach Redis; clients catch up by seq."
)
TIMERS = Counter(
    "chatorical_timers_total", "What fell due by itself, and was done.", ["timer", "outcome"]
)
RETENTION_DELETED = Counter(
    "chatorical_retention_deleted_total",
    "Closed conversations deleted because their time was over.",
)
RETENTION_FAILURES = Counter(
    "chatorical_retention_failures_total", "Tenants for which a run of retention failed."
)
RETENTION_LAST_RUN = Gauge(
    "chatorical_retention_last_run_timestamp_seconds",
    "When retention last ran to its end, in seconds since 1970; 0 in a process that never ran it.",
    multiprocess_mode="max",
)
RESYNCS = Counter(
    "chatorical_socket_resyncs_total", "Sockets that read missed messages from the database."
)

# From seconds to a day: people answer, and they sleep.
_PATIENCE = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
CLAIM_SECONDS = Histogram(
    "chatorical_claim_seconds",
    "From the customer's first unanswered message to the claim.",
    buckets=_PATIENCE,
)
FIRST_RESPONSE_SECONDS = Histogram(
    "chatorical_first_response_seconds",
    "From the customer's first unanswered message to the first reply after a claim.",
    buckets=_PATIENCE,
)
