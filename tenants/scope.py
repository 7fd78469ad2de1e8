"""Opening a scope: from here to its end, code works for one tenant.

A scope is a transaction. Its first statement tells PostgreSQL whose rows may be seen (a
transaction-local setting that the row-level security policies compare with) and reads the tenant's
configuration version in the same round trip, so that a suspended tenant and a changed setting are
noticed at once in every process. See docs/adr/0002-tenant-scope.md.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

from django.db import Error, connection, transaction
from structlog.contextvars import bound_contextvars

from chatorical.kernel import context
from chatorical.kernel.database import is_lost, renew_connections
from tenants import scope_state
from tenants.configuration import configured_tenant
from tenants.errors import ScopeConflict, TenantNotFound
from tenants.models import Tenant
from tenants.scope_state import Scope

_OPEN_TENANT = """
    SELECT config_version,
           set_config('app.tenant_id', %s, true), set_config('app.platform', '', true)
    FROM tenants_tenant WHERE id = %s
"""
_SET_BOTH = "SELECT set_config('app.tenant_id', %s, true), set_config('app.platform', %s, true)"


@contextmanager
def tenant_scope(tenant_id: UUID) -> Iterator[Tenant]:
    """Work for one tenant, in one transaction; yields the tenant with its settings.

    Inside the same tenant's scope it joins the running transaction. Raises TenantNotFound for an
    unknown tenant and ScopeConflict inside another tenant's scope.
    """
    outer = scope_state.current()
    if outer is not None and outer.tenant_id not in (None, tenant_id):
        raise ScopeConflict(f"the scope of {outer.tenant_id} is still open")
    with (
        _transaction(outer, _OPEN_TENANT, [str(tenant_id), tenant_id]) as row,
        bound_contextvars(tenant_id=str(tenant_id)),
    ):
        if row is None:
            raise TenantNotFound(tenant_id=tenant_id)
        context.note(tenant_id=str(tenant_id))
        token = scope_state.enter(Scope(tenant_id, "tenant"))
        try:
            yield configured_tenant(tenant_id, config_version=row[0])
        finally:
            scope_state.leave(token)


@contextmanager
def platform_scope(purpose: str) -> Iterator[None]:
    """Deliberate work across tenants, in one transaction that carries its purpose by name.

    For the outbox, timers, webhook look-ups, staff's console and commands; an architecture test
    lists the places. Raises ScopeConflict inside a tenant's scope.
    """
    outer = scope_state.current()
    if outer is not None and outer.tenant_id is not None:
        raise ScopeConflict(f"{purpose} may not run inside the scope of {outer.tenant_id}")
    with _transaction(outer, _SET_BOTH, ["", purpose]):
        token = scope_state.enter(Scope(None, purpose))
        try:
            yield
        finally:
            scope_state.leave(token)


@contextmanager
def _transaction(
    outer: Scope | None, first_statement: str, parameters: Sequence[Any]
) -> Iterator[tuple[int, ...] | None]:
    """A transaction that starts with the given statement; yields the statement's row.

    An enclosing transaction gets its own setting back at the end.
    """
    is_nested = connection.in_atomic_block
    with _begin(first_statement, parameters) as row:
        yield row
        if is_nested:
            _set_back(outer)


@contextmanager
def _begin(first_statement: str, parameters: Sequence[Any]) -> Iterator[tuple[int, ...] | None]:
    """Begin on a connection that is alive.

    After a restart of PostgreSQL the pool still holds dead connections, and the first statement
    fails on each of them. Nothing has been done at that point, so once more is safe. Where there
    is no connection to be had at all, the pool has waited long enough already.
    """
    with ExitStack() as stack:
        row = None
        may_retry = not connection.in_atomic_block
        while True:
            attempt = ExitStack()
            try:
                attempt.enter_context(transaction.atomic())
                with connection.cursor() as cursor:
                    cursor.execute(first_statement, parameters)
                    row = cursor.fetchone()
            except Error as error:
                may_retry = may_retry and is_lost(error) and connection.connection is not None
                attempt.__exit__(*sys.exc_info())
                if not may_retry:
                    raise
                may_retry = False
                renew_connections(error)
            else:
                stack.push(attempt.pop_all())
                break
        yield row


def _set_back(outer: Scope | None) -> None:
    tenant_id = str(outer.tenant_id or "") if outer else ""
    purpose = outer.purpose if outer and outer.tenant_id is None else ""
    with connection.cursor() as cursor:
        cursor.execute(_SET_BOTH, [tenant_id, purpose])
