"""What is counted about tenants and the parts everybody shares."""

from prometheus_client import Counter

RATE_LIMITED = Counter(
    "chatorical_rate_limited_total", "Requests and frames refused by a rate limit.", ["bucket"]
)
OVER_LIMIT = Counter(
    "chatorical_over_limit_total",
    "Additions and settings refused because the tenant's plan allows no more.",
    ["limit"],
)
REDIS_FAILURES = Counter(
    "chatorical_redis_failures_total",
    "Calls to Redis that failed and were survived, by what they were for.",
    ["used_for"],
)
