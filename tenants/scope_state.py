"""Whose rows the running code may see; set by `tenants.scope`, read by the managers."""

from contextvars import ContextVar, Token
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tenants.errors import ScopeRequired


@dataclass(frozen=True, slots=True)
class Scope:
    """Either one tenant, or (with no tenant) platform work that names its purpose."""

    tenant_id: UUID | None
    purpose: str


_current: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


def current() -> Scope | None:
    """The scope in force here, if any."""
    return _current.get()


def require(whose: str) -> Scope:
    """The scope in force; raises ScopeRequired without one, naming whose rows were asked for.

    Also in a thread whose connection is not in the scope's transaction, where the database would
    silently hide everything.
    """
    scope = _current.get()
    if scope is None or not connection.in_atomic_block:
        raise ScopeRequired(
            f"{whose} rows belong to tenants: open tenant_scope() or platform_scope() first, "
            "as in: with tenant_scope(find_tenant_id('acme')) as tenant: ..."
        )
    return scope


def enter(scope: Scope) -> Token[Scope | None]:
    """Put a scope in force; hand the token to `leave`."""
    return _current.set(scope)


def leave(token: Token[Scope | None]) -> None:
    """Restore what was in force before."""
    _current.reset(token)
