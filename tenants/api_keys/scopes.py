"""What an API key may do: a closed list of scopes, two of which stand for several others."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from kernel.errors import InvalidParameter


class Scope(StrEnum):
    """One permission. The values are on the wire and in the database: never rename one."""

    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    CHANNELS_WRITE = "channels:write"
    TEMPLATES_WRITE = "templates:write"
    KEYS_WRITE = "keys:write"
    BILLING_WRITE = "billing:write"
    AUDIT_READ = "audit:read"
    ADMIN_READ = "admin:read"
    ADMIN_WRITE = "admin:write"


MEANINGS: dict[Scope, str] = {
    Scope.CONVERSATIONS_READ: "Read conversations, messages and exports",
    Scope.CONVERSATIONS_WRITE: "Reply, claim, close, block, rename and delete conversations",
    Scope.SETTINGS_READ: "Read settings, agents, channels, texts, usage and plan",
    Scope.SETTINGS_WRITE: "Change settings and agents",
    Scope.CHANNELS_WRITE: "Connect and change messengers",
    Scope.TEMPLATES_WRITE: "Change message texts and translations",
    Scope.KEYS_WRITE: "See, issue, rotate and revoke API keys",
    Scope.BILLING_WRITE: "Change the plan and open the billing portal",
    Scope.AUDIT_READ: "Read the audit trail",
    Scope.ADMIN_READ: "Everything that only reads",
    Scope.ADMIN_WRITE: "Everything",
}

# What holding a scope includes beside itself. Writing never includes reading, so that a key that
# only delivers cannot be used to look around; only the two umbrellas include anything.
INCLUDED: dict[Scope, frozenset[Scope]] = {
    Scope.CONVERSATIONS_READ: frozenset(),
    Scope.CONVERSATIONS_WRITE: frozenset(),
    Scope.SETTINGS_READ: frozenset(),
    Scope.SETTINGS_WRITE: frozenset(),
    Scope.CHANNELS_WRITE: frozenset(),
    Scope.TEMPLATES_WRITE: frozenset(),
    Scope.KEYS_WRITE: frozenset(),
    Scope.BILLING_WRITE: frozenset(),
    Scope.AUDIT_READ: frozenset(),
    Scope.ADMIN_READ: frozenset(
        {Scope.CONVERSATIONS_READ, Scope.SETTINGS_READ, Scope.AUDIT_READ},
    ),
    Scope.ADMIN_WRITE: frozenset(
        {
            Scope.CONVERSATIONS_READ,
            Scope.CONVERSATIONS_WRITE,
            Scope.SETTINGS_READ,
            Scope.SETTINGS_WRITE,
            Scope.CHANNELS_WRITE,
            Scope.TEMPLATES_WRITE,
            Scope.KEYS_WRITE,
            Scope.BILLING_WRITE,
            Scope.AUDIT_READ,
            Scope.ADMIN_READ,
        }
    ),
}


def expand(scopes: Iterable[str]) -> frozenset[Scope]:
    """The scopes with all that they include; one that this release does not know grants nothing."""
    held = {Scope(scope) for scope in scopes if scope in _KNOWN}
    return frozenset(held.union(*(INCLUDED[scope] for scope in held)))


def validate(scopes: object) -> list[Scope]:
    """The scopes of a new key, each once, in the order of the list above.

    Raises InvalidParameter for none at all, and naming those that do not exist.
    """
    if not isinstance(scopes, Collection) or isinstance(scopes, str | bytes) or not scopes:
        raise InvalidParameter("Choose at least one scope.", details={"field": "scopes"})
    unknown = sorted({str(scope)[:40] for scope in scopes if scope not in _KNOWN})
    if unknown:
        raise InvalidParameter(
            f"There is no scope called {', '.join(unknown)}.",
            details={"field": "scopes", "unknown": unknown, "known": sorted(_KNOWN)},
        )
    return [scope for scope in Scope if scope in scopes]


_KNOWN = frozenset(scope.value for scope in Scope)
