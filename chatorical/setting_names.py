"""Misspelt names of settings: unknown, and nearly one of ours."""

from collections.abc import Iterable
from difflib import get_close_matches

# How much of two names is the same, from 0 to 1. The environment has names of many programs, so
# there a name has to be nearer than in our own file.
_NEAR_IN_FILE = 0.85
_NEAR = 0.9
_SHORTEST_SLIP = 8
# Read by others from the same file or environment: deploy/run, docker compose, ./dev, tests,
# systemd's watchdog; and what many programs call a log level.
OF_OTHERS = frozenset(
    [
        "WORKER_THREADS",
        "WORKER_NAME",
        "WORKER_LOG_LEVEL",
        "WEB_LISTEN_FD",
        "HTTP_PORT",
        "HTTPS_PORT",
        "NGINX_SITE",
        "CHATORICAL_VERSION",
        "SIMULATOR_PORT",
        "SHOP_PORT",
        "STRIPE_PORT",
        "CHROMIUM_PATH",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
        "LOGLEVEL",
    ]
)
# Families of names that other programs define, some of them close to ours.
_FOREIGN = ("OTEL_", "COMPOSE_", "DOCKER_", "PG", "PYTHON", "DJANGO_", "CELERY_", "PROMETHEUS_")


def find_slip(name: str, given: Iterable[str]) -> str | None:
    """Which of the given names, none of them of ours, may have been meant for `name`."""
    return _nearest(name, given, _NEAR_IN_FILE)


def find_meant(given: str, ours: Iterable[str], *, is_in_file: bool) -> str | None:
    """Which of our names was probably meant by another one."""
    if given.startswith(_FOREIGN) or not (is_in_file or len(given) >= _SHORTEST_SLIP):
        return None
    return _nearest(given.upper(), ours, _NEAR_IN_FILE if is_in_file else _NEAR)


def _nearest(name: str, others: Iterable[str], cutoff: float) -> str | None:
    return next(iter(get_close_matches(name, list(others), n=1, cutoff=cutoff)), None)
