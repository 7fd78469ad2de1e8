"""What is counted about conversations."""

from prometheus_client import Counter, Gauge

MESSAGES = Counter("chatorical_messages_total", "Messages stored.", ["direction"])
SOCKETS = Gauge("chatorical_sockets", "Open customer sockets of this process.")
SOCKET_REFUSALS = Counter(
    "chatorical_socket_refusals_total", "Sockets refused before the upgrade.", ["code"]
)
FRAMES = Counter("chatorical_socket_frames_total", "Frames from customers.", ["outcome"])
PUSHES_FAILED = Counter(
    "chatorical_pushes_failed_total", "Pushes that did not reach Redis; clients catch up by seq."
)
TIMERS = Counter(
    "chatorical_timers_total", "What fell due by itself, and was done.", ["timer", "outcome"]
)
RESYNCS = Counter(
    "chatorical_socket_resyncs_total", "Sockets that read missed messages from the database."
)
