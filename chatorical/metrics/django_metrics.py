"""What django-prometheus counts about the console and the admin calls.

Of its own accord it keeps a histogram and several counters per view, method and status, more than a
thousand series that no alert rule and no dashboard of ours reads: requests are counted by surface
in `chatorical.metrics.request_metrics`. What remains are its totals.
"""

from typing import Any

from django_prometheus.middleware import Metrics, PrometheusBeforeMiddleware

_KEPT = frozenset(
    {
        "django_http_requests_before_middlewares_total",
        "django_http_responses_before_middlewares_total",
        "django_http_requests_latency_including_middlewares_seconds",
        "django_http_requests_unknown_latency_including_middlewares_total",
    }
)


class TotalsOnly(Metrics):  # type: ignore[misc]  # untyped
    """Makes none of the metrics but the totals."""

    def register_metric(self, metric_cls: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        """None for a metric that is not kept."""
        return super().register_metric(metric_cls, name, *args, **kwargs) if name in _KEPT else None


class RequestMetricsMiddleware(PrometheusBeforeMiddleware):  # type: ignore[misc]  # untyped
    """Counts requests of ordinary Django, and the time that they take."""

    metrics_cls = TotalsOnly
