"""The caller with an API key."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from tenants.api_keys.scopes import Scope
from tenants.audit import Actor, ActorKind
from tenants.errors import InsufficientScope


@dataclass(frozen=True, slots=True)
class Principal:
    """Which key calls, for which tenant, and all that it may do."""

    # As Django REST framework asks of what it calls a user.
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True

    tenant_id: UUID
    key_id: UUID
    scopes: frozenset[Scope]

    @property
    def pk(self) -> UUID:
        """The key's id."""
        return self.key_id

    @property
    def actor(self) -> Actor:
        """The key as the audit trail knows it."""
        return Actor(ActorKind.API_KEY, str(self.key_id))

    def may(self, scope: Scope) -> bool:
        """Whether the key holds the scope, itself or by an umbrella."""
        return scope in self.scopes

    def require_scope(self, scope: Scope) -> None:
        """Raises InsufficientScope, naming the scope, when the key does not hold it."""
        if not self.may(scope):
            raise InsufficientScope(
                f"This API key lacks the scope {scope}.", details={"required": str(scope)}
            )
