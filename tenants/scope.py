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

from django.conf import settings
from django.db import Error, connection, transaction
from structlog.contextvars import bound_contextvars

from kernel import context
from kernel.database import is_lost, renew_connections
from kernel.logins import is_standing_in, standing_in
from tenants import scope_state
from tenants.configuration import configured_tenant
from tenants.database import scope_proofs
from tenants.errors import ScopeConflict, TenantNotFound
from tenants.models import Tenant
from tenants.scope_state import Scope

_OPEN_TENANT = "SELECT open_tenant_scope(%s, %s)"
_OPEN_PLATFORM = "SELECT open_platform_scope(%s)"
_LEAVE = "SELECT leave_scope()"


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
        _transaction(outer, _OPEN_TENANT, [tenant_id, _proof(tenant_id)]) as version,
        bound_contextvars(tenant_id=str(tenant_id)),
    ):
        if version is None:
            version = _open_with_newest_key(tenant_id)
        context.note(tenant_id=str(tenant_id))
        token = scope_state.enter(Scope(tenant_id, "tenant"))
        try:
            yield configured_tenant(tenant_id, config_version=version)
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
    with _platform_connection(purpose), _transaction(outer, _OPEN_PLATFORM, [purpose]):
        token = scope_state.enter(Scope(None, purpose))
        try:
            yield
        finally:
            scope_state.leave(token)


@contextmanager
def platform_tables(purpose: str) -> Iterator[None]:
    """The platform's own tables, which the application's role may not use, within any scope.

    Like a platform scope that may begin within a tenant's; platform work joins its own. With a
    login of the platform's own this is a transaction beside the one that is open, and stands or
    falls by itself.
    """
    outer = scope_state.current()
    if outer is not None and outer.tenant_id is None:
        yield
        return
    with (
        standing_in(settings.PLATFORM_DATABASE),
        _transaction(outer, _OPEN_PLATFORM, [purpose]),
    ):
        token = scope_state.enter(Scope(None, purpose))
        try:
            yield
        finally:
            scope_state.leave(token)


@contextmanager
def _platform_connection(purpose: str) -> Iterator[None]:
    """The platform's own login, where there is one."""
    config = settings.PLATFORM_DATABASE
    if config is None or is_standing_in(config):
        yield
        return
    if connection.in_atomic_block:
        raise ScopeConflict(f"{purpose} may not begin inside a transaction without a scope")
    with standing_in(config):
        yield


def _proof(tenant_id: UUID) -> str:
    return scope_proofs.prove(scope_proofs.known_key() or _read_key(), tenant_id)


def _read_key() -> bytes:
    with platform_tables("scope proofs"), connection.cursor() as cursor:
        cursor.execute("SELECT key FROM tenants_scopekey")
        row = cursor.fetchone()
    key = bytes(row[0])
    scope_proofs.remember_key(key)
    return key


def _open_with_newest_key(tenant_id: UUID) -> int:
    """Ask once more in case the database's key is another now; raises TenantNotFound."""
    used = scope_proofs.known_key()
    key = _read_key()
    if key != used:
        with connection.cursor() as cursor:
            cursor.execute(_OPEN_TENANT, [tenant_id, scope_proofs.prove(key, tenant_id)])
            version: int | None = cursor.fetchone()[0]
        if version is not None:
            return version
    raise TenantNotFound(tenant_id=tenant_id)


@contextmanager
def _transaction(
    outer: Scope | None, first_statement: str, parameters: Sequence[Any]
) -> Iterator[int | None]:
    """A transaction that starts with the given statement; yields the statement's answer.

    An enclosing transaction gets its own setting back at the end.
    """
    is_nested = connection.in_atomic_block
    with _begin(first_statement, parameters) as answer:
        yield answer
        if is_nested:
            _set_back(outer)


@contextmanager
def _begin(first_statement: str, parameters: Sequence[Any]) -> Iterator[int | None]:
    """Begin on a connection that is alive.

    After a restart of PostgreSQL the pool still holds dead connections, and the first statement
    fails on each of them. Nothing has been done at that point, so once more is safe. Where there
    is no connection to be had at all, the pool has waited long enough already.
    """
    with ExitStack() as stack:
        answer = None
        may_retry = not connection.in_atomic_block
        while True:
            attempt = ExitStack()
            try:
                attempt.enter_context(transaction.atomic())
                with connection.cursor() as cursor:
                    cursor.execute(first_statement, parameters)
                    answer = cursor.fetchone()[0]
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
        yield answer


def _set_back(outer: Scope | None) -> None:
    statement: str = _LEAVE
    parameters: Sequence[str | UUID] = []
    if outer is not None and outer.tenant_id is not None:
        statement, parameters = _OPEN_TENANT, [outer.tenant_id, _proof(outer.tenant_id)]
    elif outer is not None:
        statement, parameters = _OPEN_PLATFORM, [outer.purpose]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
