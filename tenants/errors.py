"""What can be refused on the way to a tenant."""

from datetime import datetime

from kernel.clock import iso_ms_or_none
from kernel.errors import DomainError, Forbidden, NotFound, Unauthorized


class TenantNotFound(NotFound):
    """No tenant by this name."""

    code = "tenant_not_found"
    message = "There is no such workspace."


class TenantSlugTaken(DomainError):
    """Another tenant has this slug."""

    code = "tenant_slug_taken"
    http_status = 409
    message = "Another workspace has this slug already."


class DefaultTenantStays(DomainError):
    """The default tenant answers requests that name nobody, and the v1 admin calls."""

    code = "default_tenant_stays"
    http_status = 409
    message = "The default workspace cannot be suspended."


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


class TenantReadOnly(DomainError):
    """The tenant has not paid: its customers can read, and write nothing new."""

    code = "tenant_read_only"
    http_status = 402
    message = "This chat takes no new messages at the moment. What was said stays here to read."


class InvalidSetting(DomainError):
    """A setting is unknown or its value is not allowed."""

    code = "invalid_setting"
    message = "This setting is not allowed."


class SettingNotFound(NotFound):
    """An address names a setting that there is not."""

    code = "setting_not_found"
    message = "There is no such setting."


class MemberNotFound(NotFound):
    """No such member, or it is another tenant's."""

    code = "member_not_found"
    message = "There is no such member."


class MemberExists(DomainError):
    """The person is a member already."""

    code = "member_exists"
    http_status = 409
    message = "This person is a member already."


class LastOwner(DomainError):
    """Without an owner nobody could manage the tenant any more."""

    code = "last_owner"
    http_status = 409
    message = "A workspace needs an owner. Make another member an owner first."


class OverLimit(DomainError):
    """The tenant's plan allows no more of this.

    `name` says which limit, `used` how much of it there is, where that is counted, and `resets_at`
    when the count begins anew, where it does.
    """

    code = "over_limit"
    http_status = 402
    message = "Your plan allows no more of this."

    def __init__(
        self,
        message: str | None = None,
        *,
        name: str,
        limit: object,
        used: int | None = None,
        resets_at: datetime | None = None,
    ) -> None:
        details = {
            "name": name,
            "limit": limit,
            "used": used,
            "resets_at": iso_ms_or_none(resets_at),
        }
        self.limit_name, self.used = name, used
        super().__init__(message, details=details)


class RoleNotGrantable(Forbidden):
    """An admin does not make owners, nor take back what an owner has offered."""

    code = "role_not_grantable"
    message = "You may not give this role."


class InvitationNotFound(NotFound):
    """An invitation that lets nobody in: unknown, another tenant's, used, revoked or expired."""

    code = "invitation_not_found"
    message = "This invitation does not work, or not any more."


class InvitationAccepted(DomainError):
    """A person has joined by the invitation that was to be revoked."""

    code = "invitation_accepted"
    http_status = 409
    message = "The invitation was accepted already. Remove the member instead."


class AccountExists(DomainError):
    """A person who was about to make an account has one."""

    code = "account_exists"
    http_status = 409
    message = "There is an account with this e-mail address already. Please sign in with it."


class InvalidApiKey(Unauthorized):
    """An API key that does not work: unknown, mistyped, expired or revoked look alike."""

    code = "invalid_api_key"
    message = "This API key does not work."


class InsufficientScope(Forbidden):
    """The API key works, and may not do this."""

    code = "insufficient_scope"
    message = "This API key may not do this."


class ApiKeyNotFound(NotFound):
    """No such API key, or it is another tenant's."""

    code = "api_key_not_found"
    message = "There is no such API key."


class ApiKeyNotActive(DomainError):
    """The API key has ended, or another one has taken its place already."""

    code = "api_key_not_active"
    http_status = 409
    message = "This API key has ended or been replaced already."


class IdempotencyKeyReused(DomainError):
    """An idempotency key that has served another call before."""

    code = "idempotency_key_reused"
    http_status = 409
    message = "This Idempotency-Key was used for another call. Choose a new one for each call."


class ScopeRequired(RuntimeError):
    """A tenant's rows were asked for without saying whose: a fault in our code, never shown."""


class ScopeConflict(RuntimeError):
    """Work for one tenant tried to enter another tenant's scope: a fault in our code."""


class SealBroken(RuntimeError):
    """A sealed value cannot be opened: wrong master key, moved to another row, or altered."""
