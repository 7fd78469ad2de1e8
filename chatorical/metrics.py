"""What is counted about requests, under names that do not grow with the data."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "chatorical_http_requests_total", "Answered requests.", ["method", "surface", "status"]
)
REQUEST_SECONDS = Histogram(
    "chatorical_http_request_seconds",
    "Time to answer.",
    ["surface"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

_SURFACES = (
    ("/v1/conversations/start", "start"),
    ("/v1/conversations", "conversation"),
    ("/v1/moderation/", "v1_admin"),
    ("/v1/admin/", "v1_admin"),
    ("/v2/admin/", "v2_admin"),
    ("/v2/platform/", "v2_platform"),
    ("/v1/telegram/webhook/", "telegram_webhook"),
    ("/v2/ws/token", "socket_token"),
    ("/v1/i18n/", "i18n"),
    ("/widget.", "widget"),
    ("/admin", "admin"),
    ("/static/", "static"),
    ("/docs", "docs"),
    ("/health", "health"),
    ("/ready", "ready"),
    ("/metrics", "metrics"),
)


def surface_of(path: str) -> str:
    """The part of the product a path belongs to, without ids and secrets."""
    for prefix, surface in _SURFACES:
        if path.startswith(prefix):
            return surface
    return "other"
