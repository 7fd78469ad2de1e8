"""What happens by itself after a while: reminders for agents, and the end of a silence.

Any number of workers may look for due work at the same time: they look without locks, and each
piece is then done in a transaction of its own, by the worker that locks the row of the conversation
first and finds it due. The mark that it is done, and what follows from it, are written together: a
worker that is killed has done a piece completely or not at all.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.db import connection
from structlog.contextvars import bound_contextvars

from conversations import metrics, system_messages
from conversations.events import Reminder
from conversations.models import OPEN_STATUSES, REMINDERS, Conversation
from conversations.services.lifecycle import AUTO_CLOSE, close_conversation
from conversations.setting_keys import AUTO_CLOSE_MS, REMINDER_1_MS, REMINDER_2_MS
from kernel.database import database_now, is_outage
from templates_i18n.keys import TemplateKey
from tenants import configuration
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

logger = structlog.get_logger(__name__)

Due = tuple[UUID, UUID]
Act = Callable[[Tenant, Conversation], bool]


class Look(Protocol):
    """Finds what may be due; see `list_waiting`."""

    def __call__(
        self, now: datetime, *, of: Collection[UUID] | None, without: Sequence[UUID]
    ) -> list[Due]: ...


# Of each tenant in one sweep, so that a tenant with thousands keeps nobody else waiting.
_BATCH_PER_TENANT = 50
# What is skipped or fails does not count: so many times the next ones are looked for instead.
_PAGES = 20
_REMINDER_WINDOWS = (REMINDER_1_MS, REMINDER_2_MS)
_REMINDER_KEYS = (TemplateKey.REMINDER_5M, TemplateKey.REMINDER_15M)
# Later than this, sweeps have not taken place: one reminder has to do for all that were missed.
_LATE = timedelta(seconds=20)
# So many failures of the database in a row are not about single conversations.
_DATABASE_IS_AWAY = 3

# The bounds come as plain columns, for the planner pushes nothing that could leak a row's values
# below the policies of row-level security: a calculation here would cost us the index.
_WAITING = f"""
    SELECT due.tenant_id, found.id
    FROM unnest(%s::uuid[], %s::smallint[], %s::timestamptz[], %s::timestamptz[])
        AS due(tenant_id, sent, until, silent_until)
    CROSS JOIN LATERAL (
        SELECT id FROM conversations_conversation
        WHERE tenant_id = due.tenant_id AND reminders_sent = due.sent
          AND waiting_since <= due.until
          AND waiting_since IS NOT NULL AND reminders_sent < {REMINDERS}
          AND (due.silent_until IS NULL OR updated_at > due.silent_until)
          AND id <> ALL(%s::uuid[])
        ORDER BY waiting_since LIMIT %s) AS found
"""  # noqa: S608  # nosec B608
# Status by status, for only so does the index give them in order.
_SILENT = """
    SELECT due.tenant_id, found.id
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS due(tenant_id, until)
    CROSS JOIN LATERAL (
        SELECT oldest.id FROM unnest(%s::text[]) AS open(status)
        CROSS JOIN LATERAL (
            SELECT id, updated_at FROM conversations_conversation
            WHERE tenant_id = due.tenant_id AND status = open.status AND updated_at <= due.until
              AND id <> ALL(%s::uuid[])
            ORDER BY updated_at LIMIT %s) AS oldest
        ORDER BY oldest.updated_at LIMIT %s) AS found
"""


def remind_of_the_waiting() -> int:
    """Remind agents of customers whom nobody has claimed; returns how many reminders that were.

    After an outage only the last of those that were missed is sent, unless the tenant does not want
    that one.
    """
    return _sweep("reminder", list_waiting, _remind)


def close_the_silent() -> int:
    """Close the open conversations in which nothing has happened for long; returns how many."""
    return _sweep("auto_close", list_silent, _close)


def list_waiting(
    now: datetime, *, of: Collection[UUID] | None = None, without: Sequence[UUID] = ()
) -> list[Due]:
    """Tenants and conversations for which a reminder may be due; one index look-up per tenant.

    Those who have waited longest come first. What is about to be closed for its silence is not
    among them. `of` names tenants (None for all), `without` conversations to pass over.
    """
    with platform_scope("timers"):
        tenant_ids, sent, until, silent_until = [], [], [], []
        windows_of = configuration.of_active_tenants([*_REMINDER_WINDOWS, AUTO_CLOSE_MS])
        for tenant_id, (*windows, auto_close) in windows_of.items():
            if of is not None and tenant_id not in of:
                continue
            for number in range(REMINDERS):
                left = [window for window in windows[number:] if window]
                if left:
                    tenant_ids.append(tenant_id)
                    sent.append(number)
                    until.append(now - timedelta(milliseconds=min(left)))
                    silent_until.append(
                        now - timedelta(milliseconds=auto_close) if auto_close else None
                    )
        bounds = [tenant_ids, sent, until, silent_until]
        return _find(_WAITING, [*bounds, list(without), _BATCH_PER_TENANT])


def list_silent(
    now: datetime, *, of: Collection[UUID] | None = None, without: Sequence[UUID] = ()
) -> list[Due]:
    """Tenants and conversations to be closed, the longest silent first; as few look-ups.

    `of` and `without` as for `list_waiting`.
    """
    with platform_scope("timers"):
        until = {
            tenant_id: now - timedelta(milliseconds=window)
            for tenant_id, (window,) in configuration.of_active_tenants([AUTO_CLOSE_MS]).items()
            if window and (of is None or tenant_id in of)
        }
        statuses = list(map(str, OPEN_STATUSES))
        bounds = [list(until), list(until.values()), statuses]
        limits = [_BATCH_PER_TENANT, _BATCH_PER_TENANT]
        return _find(_SILENT, [*bounds, list(without), *limits])


def _find(query: str, parameters: Sequence[Any]) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[Due] = cursor.fetchall()
        return found


def _sweep(timer: str, look: Look, act: Act) -> int:
    """Do what is due, a batch for each tenant; returns how many that were.

    Whatever stands first and cannot be done now, or never, keeps nobody behind it waiting.
    """
    done: Counter[UUID] = Counter()
    tried: list[UUID] = []
    tenants: Collection[UUID] | None = None
    for _ in range(_PAGES):
        due = look(database_now(), of=tenants, without=tried)
        done += _do_each(timer, due, act)
        tried += [conversation_id for _, conversation_id in due]
        found = Counter(tenant_id for tenant_id, _ in due)
        tenants = {
            tenant_id
            for tenant_id, count in found.items()
            if count >= _BATCH_PER_TENANT > done[tenant_id]
        }
        if not tenants:
            break
    return done.total()


def _do_each(timer: str, due: Iterable[Due], act: Act) -> Counter[UUID]:
    """Act on each that is still due; one that fails is left for the next sweep.

    Returns how many were done for each tenant.
    """
    done: Counter[UUID] = Counter()
    failed_in_a_row = 0
    for tenant_id, conversation_id in due:
        with bound_contextvars(tenant_id=str(tenant_id), conversation_id=str(conversation_id)):
            try:
                if _act_on_one(tenant_id, conversation_id, act):
                    done[tenant_id] += 1
                    metrics.TIMERS.labels(timer, "done").inc()
                    logger.info("timer_fired", timer=timer)
                failed_in_a_row = 0
            except Exception as error:
                metrics.TIMERS.labels(timer, "failed").inc()
                failed_in_a_row += 1
                if is_outage(error) and failed_in_a_row >= _DATABASE_IS_AWAY:
                    raise
                logger.exception("timer_failed", timer=timer)
    return done


def _act_on_one(tenant_id: UUID, conversation_id: UUID, act: Act) -> bool:
    with tenant_scope(tenant_id) as tenant:
        # Its holder changes the conversation now: the next run sees the result.
        conversation = (
            Conversation.objects.select_for_update(skip_locked=True)
            .filter(tenant=tenant, pk=conversation_id)
            .first()
        )
        return conversation is not None and tenant.is_active and act(tenant, conversation)


def _remind(tenant: Tenant, conversation: Conversation) -> bool:
    sent, since = conversation.reminders_sent, conversation.waiting_since
    if since is None or _is_silent(tenant, conversation):
        return False
    number = _number_due(tenant, sent=sent, waited=database_now() - since)
    if number is None:
        return False
    conversation.reminders_sent = number
    conversation.save(update_fields=["reminders_sent"])
    reminder = Reminder(since, number)
    return any(
        system_messages.send(tenant=tenant, conversation=conversation, key=key, reminder=reminder)
        for key in reversed(_REMINDER_KEYS[sent:number])
    )


def _number_due(tenant: Tenant, *, sent: int, waited: timedelta) -> int | None:
    """Which reminder it is time for; None for none, yet or any more."""
    late_by = {
        number: waited - timedelta(milliseconds=window)
        for number, spec in enumerate(_REMINDER_WINDOWS, start=1)
        if number > sent and (window := tenant.setting(spec))
    }
    due = [number for number, late in late_by.items() if late >= timedelta(0)]
    if not due:
        return None
    is_catching_up = late_by[due[-1]] > _LATE
    return due[-1] if is_catching_up else due[0]


def _close(tenant: Tenant, conversation: Conversation) -> bool:
    return _is_silent(tenant, conversation) and close_conversation(
        tenant=tenant, conversation_id=conversation.pk, actor=AUTO_CLOSE
    )


def _is_silent(tenant: Tenant, conversation: Conversation) -> bool:
    """Whether its silence has lasted long enough to close it.

    Claiming and reopening are signs of life like messages: an agent who has done so means to write.
    """
    window = tenant.setting(AUTO_CLOSE_MS)
    if not window:
        return False
    return conversation.updated_at <= database_now() - timedelta(milliseconds=window)
