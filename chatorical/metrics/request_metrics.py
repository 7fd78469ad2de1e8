"""What is counted about requests, under names that do not grow with the data.

The tenant is counted apart from surface and status: all of them together would be a series for each
of a hundred tenants times some dozens.
"""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "chatorical_http_requests_total", "Answered requests.", ["method", "surface", "status"]
)
REQUESTS_CRASHED = Counter(
    "chatorical_http_requests_crashed_total", "Requests answered 500, a fault of ours.", ["surface"]
)
TENANT_REQUESTS = Counter(
    "chatorical_tenant_requests_total",
    "Answered requests by the tenant that they were for, `-` where none was known; the least busy "
    "tenants are counted together, as `other`.",
    ["tenant", "status_class"],
)
REQUEST_SECONDS = Histogram(
    "chatorical_http_request_seconds",
    "Time to answer.",
    ["surface"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_SURFACES = (
    ("/v1/conversations/start", "start"),
    ("/v1/conversations", "conversation"),
    ("/v2/conversations", "conversation"),
    ("/v1/moderation/", "v1_admin"),
    ("/v1/admin/", "v1_admin"),
    ("/v2/admin/", "v2_admin"),
    ("/v2/platform/", "v2_platform"),
    ("/v1/telegram/webhook/", "telegram_webhook"),
    ("/v1/stripe/webhook", "stripe_webhook"),
    ("/v2/stripe/webhook", "stripe_webhook"),
    ("/v2/sessions", "session"),
    ("/v2/ws/token", "socket_token"),
    ("/v2/widget/config", "widget_config"),
    ("/v1/i18n/", "i18n"),
    ("/widget.", "widget"),
    ("/widget/", "widget"),
    ("/admin", "admin"),
    ("/static/", "static"),
    ("/docs", "docs"),
    ("/health", "health"),
    ("/ready", "ready"),
    ("/metrics", "metrics"),
)

# An alert sees an increase only of a series that was there before.
for _surface in {surface for _, surface in _SURFACES} | {_OTHER}:
    REQUESTS_CRASHED.labels(_surface)


def count_request(
    *, method: str, surface: str, status: int, tenant_label: str, seconds: float
) -> None:
    """Count an answered request; `tenant_label` is of `tenant_labels`, or empty."""
    # A caller may send any word as the method.
    REQUESTS.labels(method if method in _METHODS else "other", surface, str(status)).inc()
    if status == 500:
        REQUESTS_CRASHED.labels(surface).inc()
    TENANT_REQUESTS.labels(tenant_label or "-", f"{status // 100}xx").inc()
    REQUEST_SECONDS.labels(surface).observe(seconds)


def surface_of(path: str) -> str:
    """The part of the product a path belongs to, without ids and secrets."""
    for prefix, surface in _SURFACES:
        if path.startswith(prefix):
            return surface
    return _OTHER
