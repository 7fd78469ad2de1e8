"""Adding the facts up by hour and day.

A run computes whole hours and days anew from the facts, from a little before the tenant's newest
hour on, and writes what it finds where that is more: facts are never changed or deleted before
they are old, so the greater of two numbers is the later one. So a run that is repeated, cut off or
beside another one never counts anything twice.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.db import Error, connection

from billing.models import Metered
from kernel.database import is_outage
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

# A fact is stored some moments after the time that it carries: as long as a transaction lasts, and
# as far as the clocks of web processes are apart.
OVERLAP = timedelta(hours=2)

# A clock that runs ahead makes hours of the future, which say nothing about those before them, so
# the newest hour is the newest that has begun.
# Those who have used something lately, and those whom a run has never reached.
_WITH_NEWS = """
    SELECT tenant.id FROM tenants_tenant tenant
    WHERE EXISTS (
        SELECT FROM billing_usagefact fact
        WHERE fact.tenant_id = tenant.id AND fact.at >= least(
            now() - make_interval(secs => %s),
            coalesce((SELECT max(hour) FROM billing_usagehour
                      WHERE tenant_id = tenant.id AND hour <= now())
            + interval '1 hour', '-infinity')))
    ORDER BY tenant.id
"""
_BEGIN = """
    SELECT date_trunc('hour', coalesce(
        (SELECT max(hour) FROM billing_usagehour WHERE tenant_id = %(tenant)s AND hour <= now())
            - make_interval(secs => %(overlap)s),
        (SELECT min(at) FROM billing_usagefact WHERE tenant_id = %(tenant)s)), 'UTC')
"""
_ACTIVE = Metered.ACTIVE_CONVERSATIONS.value
_WRITTEN = f"({Metered.CUSTOMER_MESSAGES.value}, {Metered.AGENT_MESSAGES.value})"


def _roll_up(table: str, column: str, unit: str) -> str:
    """SQL: only constants of this module are put together here."""
    return f"""
        INSERT INTO {table} (id, tenant_id, {column}, kind, quantity)
        SELECT gen_random_uuid(), %(tenant)s, moment, kind, quantity FROM (
            SELECT {unit} AS moment, kind, sum(quantity) AS quantity
            FROM billing_usagefact
            WHERE tenant_id = %(tenant)s AND at >= %(begin)s GROUP BY 1, 2
            UNION ALL
            SELECT {unit}, {_ACTIVE}, count(DISTINCT conversation_id)
            FROM billing_usagefact
            WHERE tenant_id = %(tenant)s AND at >= %(begin)s AND kind IN {_WRITTEN} GROUP BY 1
        ) counted
        ORDER BY moment, kind
        ON CONFLICT (tenant_id, {column}, kind) DO UPDATE SET quantity = EXCLUDED.quantity
        WHERE {table}.quantity < EXCLUDED.quantity
    """  # noqa: S608  # nosec B608


_HOURS = _roll_up("billing_usagehour", "hour", "date_trunc('hour', at, 'UTC')")
_DAYS = _roll_up("billing_usageday", "day", "(at AT TIME ZONE 'UTC')::date")


def roll_up(*, overlap: timedelta = OVERLAP) -> int:
    """Add up what is new of every tenant, each in a transaction; returns of how many."""
    with platform_scope("usage roll-ups"), connection.cursor() as cursor:
        cursor.execute(_WITH_NEWS, [overlap.total_seconds()])
        tenants: list[UUID] = [tenant_id for (tenant_id,) in cursor.fetchall()]
    for tenant_id in tenants:
        try:
            roll_up_tenant(tenant_id, overlap=overlap)
        except Error as error:
            if is_outage(error):
                raise
            # The others' usage is added up all the same.
            logger.exception("usage_roll_up_failed", tenant_id=str(tenant_id))
    return len(tenants)


def roll_up_tenant(tenant_id: UUID, *, overlap: timedelta = OVERLAP) -> None:
    """Add up what is new of one tenant."""
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"tenant": tenant_id, "overlap": overlap.total_seconds()})
        begin: datetime | None = cursor.fetchone()[0]
        if begin is None:
            return
        cursor.execute(_HOURS, {"tenant": tenant_id, "begin": begin})
        midnight = begin.astimezone(UTC).replace(hour=0)
        cursor.execute(_DAYS, {"tenant": tenant_id, "begin": midnight})
