"""What the members of a tenant may do, in the terms that API keys use too."""

from tenants.api_keys.scopes import Scope, expand
from tenants.models import Member

PERMISSIONS: dict[Member.Role, frozenset[Scope]] = {
    # Everything but who owns the tenant, its keys and its bill.
    Member.Role.ADMIN: expand(
        [
            Scope.ADMIN_READ,
            Scope.CONVERSATIONS_WRITE,
            Scope.SETTINGS_WRITE,
            Scope.CHANNELS_WRITE,
            Scope.TEMPLATES_WRITE,
        ]
    ),
    Member.Role.OWNER: expand([Scope.ADMIN_WRITE]),
    Member.Role.AGENT: expand([Scope.CONVERSATIONS_READ, Scope.CONVERSATIONS_WRITE]),
    Member.Role.VIEWER: expand([Scope.ADMIN_READ]),
}

# Whom each role lets in, changes and removes in the console: nobody makes themselves an owner.
_MANAGED: dict[Member.Role, frozenset[Member.Role]] = {
    Member.Role.OWNER: frozenset(Member.Role),
    Member.Role.ADMIN: frozenset({Member.Role.ADMIN, Member.Role.AGENT, Member.Role.VIEWER}),
    Member.Role.AGENT: frozenset(),
    Member.Role.VIEWER: frozenset(),
}


def may(role: str | None, scope: Scope | None) -> bool:
    """Whether a member of this role may do what needs the scope; None is nobody, or nothing."""
    if role is None or scope is None:
        return False
    return scope in PERMISSIONS[Member.Role(role)]


def managed_by(role: str | None) -> frozenset[Member.Role]:
    """The roles whose members a member of this role manages."""
    return frozenset() if role is None else _MANAGED[Member.Role(role)]
