"""What can be refused on the way to a tenant."""

from chatorical.kernel.errors import DomainError, Forbidden, NotFound


class TenantNotFound(NotFound):
    """No tenant by this name."""

    code = "tenant_not_found"
    message = "There is no such workspace."


class TenantMismatch(Forbidden):
    """Two hints of one request name different tenants."""

    code = "tenant_mismatch"
    message = "The request names two different workspaces."


class TenantRequired(DomainError):
    """The installation insists on a hint and the request has none."""

    code = "tenant_required"
    message = "Say which workspace this is for, for example with ?t=<slug>."


class TenantSuspended(Forbidden):
    """The tenant exists and is switched off; its data stays."""

    code = "tenant_suspended"
    message = "This chat is paused at the moment."


class InvalidSetting(DomainError):
    """A setting is unknown or its value is not allowed."""

    code = "invalid_setting"
    message = "This setting is not allowed."


class ScopeRequired(RuntimeError):
    """A tenant's rows were asked for without saying whose: a fault in our code, never shown."""


class ScopeConflict(RuntimeError):
    """Work for one tenant tried to enter another tenant's scope: a fault in our code."""


class SealBroken(RuntimeError):
    """A sealed value cannot be opened: wrong master key, moved to another row, or altered."""
