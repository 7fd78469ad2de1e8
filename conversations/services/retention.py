"""Deleting closed conversations when their time is over.

How long that is, is the tenant's `retention.closed.days`, counted from when the conversation was
closed. Suspended tenants' conversations go as well: the duty not to keep personal data longer than
needed goes on. Any number of workers may run this at the same time: each batch is one transaction
that locks its rows, passes over what another one has locked, and sees under the lock that they are
still due. A worker that is killed has deleted a batch completely or not at all.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet, Sum
from structlog.contextvars import bound_contextvars

from conversations import metrics
from conversations.models import Conversation, Status
from conversations.services.deleting import remove
from conversations.setting_keys import RETENTION_DAYS
from kernel.clock import iso_ms
from kernel.database import database_now, is_outage
from tenants import audit, configuration
from tenants.audit import Actor, ActorKind
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

RETENTION = Actor(ActorKind.SYSTEM, "retention")
# In one transaction: so many conversations, or fewer if they have very many messages.
BATCH = 100
_MAX_MESSAGES = 5_000
# Of each tenant in one of beat's runs. Each topic takes one of the group's twenty calls a minute,
# of which an hour has 1,200, and customers' messages need them too.
MAX_PER_RUN = 500
# So many failures of the database in a row are not about single tenants.
_DATABASE_IS_AWAY = 3

# One index look-up per tenant. The bounds come as plain columns, for the planner pushes no
# calculation below the policies of row-level security.
_OLDEST = """
    SELECT due.tenant_id, oldest.closed_at
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS due(tenant_id, until)
    CROSS JOIN LATERAL (
        SELECT closed_at FROM conversations_conversation
        WHERE tenant_id = due.tenant_id AND status = 'CLOSED' AND legal_hold_since IS NULL
          AND closed_at <= due.until
        ORDER BY closed_at LIMIT 1) AS oldest
    ORDER BY oldest.closed_at
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would delete of one tenant. `days` 0: nothing, ever."""

    days: int
    conversations: int = 0
    messages: int = 0
    oldest: datetime | None = None
    on_legal_hold: int = 0


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How many conversations of which tenant are gone, and for which tenants it failed."""

    deleted: dict[UUID, int] = field(default_factory=dict)
    failed: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    """One run's work for one tenant; its audit entry grows with each batch."""

    tenant_id: UUID
    now: datetime
    conversations: int = 0
    messages: int = 0
    entry: AuditEntry | None = field(default=None, repr=False)


def run_retention(
    *, of: Collection[UUID] | None = None, at_most: int | None = MAX_PER_RUN
) -> RunOutcome:
    """Delete what is due, up to `at_most` conversations of each tenant; says how many of whom.

    `of` names tenants (None for all). A tenant for which it fails is left for the next run; raises
    the database's own error in an outage.
    """
    outcome = RunOutcome()
    failed_in_a_row = 0
    for tenant_id in _list_due(of):
        run = _Run(tenant_id, database_now())
        with bound_contextvars(tenant_id=str(tenant_id)):
            try:
                _work(run, at_most)
                failed_in_a_row = 0
            except Exception as error:
                metrics.RETENTION_FAILURES.inc()
                outcome.failed.append(tenant_id)
                failed_in_a_row += 1
                if is_outage(error) and failed_in_a_row >= _DATABASE_IS_AWAY:
                    raise
                logger.exception("retention_failed")
        if run.conversations:
            outcome.deleted[tenant_id] = run.conversations
    metrics.RETENTION_LAST_RUN.set_to_current_time()
    return outcome


def look_ahead(tenant: Tenant) -> Outlook:
    """What a run at this moment would delete of the tenant, in whose scope this is called."""
    days = tenant.setting(RETENTION_DAYS)
    if not days:
        return Outlook(days=0)
    is_held = Q(legal_hold_since__isnull=False)
    past = Conversation.objects.filter(
        tenant=tenant, status=Status.CLOSED, closed_at__lte=database_now() - timedelta(days=days)
    )
    free = past.exclude(is_held).aggregate(
        conversations=Count("pk"), messages=Sum("last_seq", default=0), oldest=Min("closed_at")
    )
    return Outlook(days=days, on_legal_hold=past.filter(is_held).count(), **free)


def overdue() -> timedelta:
    """For how long the longest overdue conversation of all tenants has waited to be deleted.

    It grows beyond the time between two runs when nothing is deleted, or not fast enough.
    """
    now = database_now()
    with platform_scope("retention"):
        terms = _terms(None)
        late = [now - closed_at - terms[tenant_id] for tenant_id, closed_at in _oldest(terms, now)]
    return max(late, default=timedelta(0))


def _list_due(of: Collection[UUID] | None) -> list[UUID]:
    with platform_scope("retention"):
        return [tenant_id for tenant_id, _ in _oldest(_terms(of), database_now())]


def _terms(of: Collection[UUID] | None) -> dict[UUID, timedelta]:
    """How long each tenant keeps closed conversations, without those that keep them for ever."""
    return {
        tenant_id: timedelta(days=days)
        for tenant_id, (days,) in configuration.of_all_tenants([RETENTION_DAYS]).items()
        if days and (of is None or tenant_id in of)
    }


def _oldest(terms: dict[UUID, timedelta], now: datetime) -> list[tuple[UUID, datetime]]:
    """Tenants with something due, and when the oldest of it was closed; the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [list(terms), [now - term for term in terms.values()]])
        found: list[tuple[UUID, datetime]] = cursor.fetchall()
        return found


def _work(run: _Run, at_most: int | None) -> None:
    while at_most is None or run.conversations < at_most:
        limit = BATCH if at_most is None else min(BATCH, at_most - run.conversations)
        with tenant_scope(run.tenant_id) as tenant:
            batch = _delete_batch(tenant, run, limit)
        if not batch:
            break
        metrics.RETENTION_DELETED.inc(len(batch))
    if run.conversations:
        logger.info("retention_ran", conversations=run.conversations, messages=run.messages)


def _delete_batch(tenant: Tenant, run: _Run, limit: int) -> list[Conversation]:
    """Delete the next ones that are due, with their entry in the trail; returns them."""
    days = tenant.setting(RETENTION_DAYS)
    if not days:
        # Changed since the run began.
        return []
    until = run.now - timedelta(days=days)
    batch = _of_bounded_size(_due(tenant, until).select_for_update(skip_locked=True)[:limit])
    if not batch:
        return []
    # Values only: who did what, and when, stays.
    audit.forget_changes(
        tenant=tenant, object_type="conversation", object_ids=[row.pk for row in batch]
    )
    remove(tenant=tenant, conversations=batch, actor=RETENTION)
    conversations = run.conversations + len(batch)
    messages = run.messages + sum(row.last_seq for row in batch)
    run.entry = audit.record_run(
        tenant=tenant,
        actor=RETENTION,
        action="retention.ran",
        changes={
            "conversations": conversations,
            "messages": messages,
            "days": days,
            "closed_before": iso_ms(until),
        },
        entry=run.entry,
    )
    run.conversations, run.messages = conversations, messages
    return batch


def _due(tenant: Tenant, until: datetime) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        tenant=tenant, status=Status.CLOSED, legal_hold_since__isnull=True, closed_at__lte=until
    ).order_by("closed_at")


def _of_bounded_size(rows: QuerySet[Conversation]) -> list[Conversation]:
    """As many from the start as have few messages enough together; at least one, if there is."""
    batch: list[Conversation] = []
    messages = 0
    for row in rows:
        messages += row.last_seq
        if batch and messages > _MAX_MESSAGES:
            break
        batch.append(row)
    return batch
