"""Is the process alive; can it do its work; what has it done."""

from collections.abc import Callable

import structlog
from celery import current_app
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CONTENT_TYPE_LATEST
from redis import RedisError

from chatorical import exposition
from chatorical.kernel.database import drop_dead_connections
from chatorical.kernel.errors import Forbidden
from chatorical.kernel.http import address_of, is_in, json_response
from tenants.checks import describe_lost_master_keys, is_role_restricted
from tenants.redis_client import redis_client

logger = structlog.get_logger(__name__)


def health(request: HttpRequest) -> HttpResponse:
    """GET /health: the process lives."""
    return json_response({"ok": True})


def ready(request: HttpRequest) -> HttpResponse:
    """GET /ready: everything it needs is there; else 503 with the names of what is missing."""
    missing: list[str] = []
    for name, is_there in _CHECKS.items():
        # What can only be seen in the database is not looked for without one: each look takes long.
        is_visible = name not in _SEEN_IN_DATABASE or "database" not in missing
        if is_visible and not is_there():
            missing.append(name)
    if not missing:
        return json_response({"ok": True})
    response = json_response({"ok": False, "missing": missing}, status=503)
    response.headers["Retry-After"] = "2"
    return response


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: Prometheus text, for the networks of METRICS_ALLOW."""
    if not is_in(address_of(request), tuple(settings.METRICS_ALLOW)):
        raise Forbidden("Metrics are not shown to this address.")
    return HttpResponse(exposition.collect(), content_type=CONTENT_TYPE_LATEST)


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        logger.warning("not_ready", missing="database", error=type(error).__name__)
        drop_dead_connections()
        return False
    return True


def _has_migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError, ImproperlyConfigured) as error:
        logger.warning("not_ready", missing="migrations", error=type(error).__name__)
        return False


def _has_redis() -> bool:
    try:
        redis_client().ping()
    except RedisError as error:
        logger.warning("not_ready", missing="redis", error=type(error).__name__)
        return False
    return True


def _has_broker() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except (BrokerError, RedisError, OSError) as error:
        logger.warning("not_ready", missing="broker", error=type(error).__name__)
        return False
    return True


def _has_restricted_role() -> bool:
    try:
        return is_role_restricted()
    except (DatabaseError, InterfaceError):
        return False


def _has_master_keys() -> bool:
    try:
        problem = describe_lost_master_keys()
    except (DatabaseError, InterfaceError):
        return False
    if problem is not None:
        logger.warning("not_ready", missing="kms_master_key", problem=problem)
    return problem is None


_SEEN_IN_DATABASE = frozenset({"restricted_database_role", "migrations", "kms_master_key"})
_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _has_database,
    "restricted_database_role": _has_restricted_role,
    "migrations": _has_migrations,
    "kms_master_key": _has_master_keys,
    "redis": _has_redis,
    "broker": _has_broker,
}
