"""Is the process alive; can it do its work; what has it done."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from celery import current_app
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from chatorical.web import metrics_endpoint
from kernel.database import (
    has_lately_refused,
    renew_all_connections,
    renew_connections,
)
from kernel.errors import Forbidden
from kernel.http import address_of, is_in, json_response
from kernel.probe import Probe
from tenants import rate_limits
from tenants.checks import describe_lost_master_keys, is_role_restricted
from tenants.database.role_checks import can_do_platform_work, excessive_powers
from tenants.redis_client import REDIS_FAULTS, require_writable

logger = structlog.get_logger(__name__)


def health(request: HttpRequest) -> HttpResponse:
    """GET /health: the process lives."""
    return json_response({"ok": True, "status": "ok"})


async def ready(request: HttpRequest) -> HttpResponse:
    """GET /ready: everything it needs is there and takes writes; else 503 with what is missing.

    `degraded` names what works and should be otherwise: logins that may too much.
    Answers within `_TIMEOUT_SECONDS` and the second that Redis has to count the call, whatever the
    servers do, and needs no service thread. A flood costs little: the servers are asked four times
    a second at most, and callers from one address are counted. Those of a trusted proxy itself, as
    which a load balancer asks, are always answered.
    """
    await asyncio.to_thread(rate_limits.take_for_address, "ready", address_of(request))
    database, redis = await asyncio.gather(
        _DATABASE.wait_for_answer(_TIMEOUT_SECONDS), _REDIS.wait_for_answer(_TIMEOUT_SECONDS)
    )
    missing = [
        *(["database"] if database is None else database),
        *(["redis", "broker"] if redis is None else redis),
    ]
    if not missing:
        degraded = {"degraded": _degraded} if _degraded else {}
        return json_response({"ok": True, "status": "ok", "ready": True, **degraded})
    answer = {"ok": False, "status": "unavailable", "ready": False, "missing": missing}
    response = json_response(answer, status=503)
    response.headers["Retry-After"] = "2"
    return response


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: Prometheus text, for the networks of METRICS_ALLOW."""
    if not is_in(address_of(request), tuple(settings.METRICS_ALLOW)):
        raise Forbidden("Metrics are not shown to this address.")
    return HttpResponse(metrics_endpoint.collect(), content_type=CONTENT_TYPE_LATEST)


def is_database_there(timeout_seconds: float) -> bool:
    """Whether the database takes writes, as far as it says so in time."""
    missing = _DATABASE.answer(timeout_seconds)
    return missing is not None and "database" not in missing


def _missing_of_database() -> list[str]:
    """What cannot be seen without a database is not looked for: each look would take long."""
    try:
        if not _has_database():
            return ["database"]
        missing = [name for name, is_there in _SEEN_IN_DATABASE.items() if not is_there()]
        _note_degraded()
        return missing
    finally:
        connection.close()


def _missing_of_redis() -> list[str]:
    """The broker is in Redis, too."""
    if not _has_redis():
        return ["redis", "broker"]
    return [] if _has_broker() else ["broker"]


def _has_database() -> bool:
    """Whether it takes writes.

    One that only reads is a standby, or guards a full disk; one that is full without such a guard
    takes some and refuses others.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')::bool")
            (is_read_only,) = cursor.fetchone()
    except Error as error:
        logger.warning("not_ready", missing="database", error=type(error).__name__)
        renew_connections(error)
        return False
    if is_read_only:
        logger.warning("not_ready", missing="database", error="read-only")
        renew_all_connections()
        return False
    if has_lately_refused(within_seconds=_REFUSAL_COUNTS_SECONDS):
        logger.warning("not_ready", missing="database", error="no room")
        return False
    return True


def _has_migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (Error, ImproperlyConfigured) as error:
        logger.warning("not_ready", missing="migrations", error=type(error).__name__)
        return False


def _has_redis() -> bool:
    try:
        require_writable()
    except REDIS_FAULTS as error:
        logger.warning("not_ready", missing="redis", error=type(error).__name__)
        return False
    return True


def _has_broker() -> bool:
    """Whether the broker's own connection, which has its own options, takes writes."""
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
            channel: Any = broker.default_channel
            channel.client.set("writable", 1, ex=10)
    except REDIS_FAULTS as error:
        logger.warning("not_ready", missing="broker", error=type(error).__name__)
        return False
    return True


def _has_restricted_role() -> bool:
    try:
        return is_role_restricted()
    except Error:
        return False


def _has_platform_role() -> bool:
    try:
        return can_do_platform_work()
    except Error as error:
        # Without its functions the database lacks migrations, which is said in their own words.
        return isinstance(error.__cause__, psycopg.errors.UndefinedFunction)


def _note_degraded() -> None:
    """The answer's warnings; the log says them when they change."""
    global _degraded
    try:
        found = excessive_powers()
    except Error:
        return
    if found and found != _degraded:
        logger.warning("database_roles_may_too_much", found=found)
    _degraded = found


def _has_master_keys() -> bool:
    try:
        problem = describe_lost_master_keys()
    except Error:
        return False
    if problem is not None:
        logger.warning("not_ready", missing="kms_master_key", problem=problem)
    return problem is None


_SEEN_IN_DATABASE: dict[str, Callable[[], bool]] = {
    "restricted_database_role": _has_restricted_role,
    "migrations": _has_migrations,
    "platform_database_role": _has_platform_role,
    "kms_master_key": _has_master_keys,
}
_degraded: list[str] = []
_TIMEOUT_SECONDS = 4.0
# Longer than the time between two looks of a monitor.
_REFUSAL_COUNTS_SECONDS = 10.0
_DATABASE = Probe("database", _missing_of_database)
_REDIS = Probe("redis", _missing_of_redis)
