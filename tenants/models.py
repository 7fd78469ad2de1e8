"""Tenants, the people who run them, and what belongs to each of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from tenants import scope_state
from tenants.settings.specs import SettingSpec
from tenants.widget_keys import MADE_BY_DATABASE

Owned = TypeVar("Owned", bound="TenantOwned")
Value = TypeVar("Value")

DEFAULT_TENANT_SLUG = "default"


class Tenant(models.Model):
    """A customer company: the owner of every row below it."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    # Names the tenant in its pages; public. See tenants/widget_keys.py.
    widget_key = models.CharField(
        max_length=64, unique=True, editable=False, db_default=MADE_BY_DATABASE
    )
    # Replaced by each change of settings, texts or agents: see tenants/configuration.py.
    config_version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether customers may use it."""
        return self.status == self.Status.ACTIVE

    def setting(self, spec: SettingSpec[Value]) -> Value:
        """The tenant's value of a setting, else the platform's default.

        Only on a tenant that a scope has yielded: it carries its settings with it.
        """
        overrides: dict[str, Any] = self.__dict__["setting_overrides"]
        value: Value = overrides[spec.key] if spec.key in overrides else spec.default_value()
        return value


class TenantOwnedManager(models.Manager[Owned]):
    """Refuses to look at anybody's rows before it is said whose rows are meant."""

    def get_queryset(self) -> models.QuerySet[Owned]:
        """Only the active tenant's rows.

        Raises ScopeRequired without an open scope, and in a thread whose connection is not in the
        scope's transaction, where the database would hide everything.
        """
        scope = scope_state.require(self.model.__name__)
        queryset = super().get_queryset()
        if scope.tenant_id is not None:
            queryset = queryset.filter(tenant_id=scope.tenant_id)
        return queryset


class TenantOwned(models.Model):
    """Base of all rows that belong to one tenant.

    The migration that creates such a table also applies `tenants.operations.IsolateTenant` to it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = TenantOwnedManager()

    class Meta:
        abstract = True


class UserManager(BaseUserManager["User"]):
    """People who sign in with their e-mail address, without the hashes of their passwords.

    The application's role does not read those: one is loaded when it is asked for.
    """

    def get_queryset(self) -> models.QuerySet[User]:
        """Everybody, in whatever scope."""
        return super().get_queryset().defer("password")

    def get_by_natural_key(self, username: str | None) -> User:
        """One account with the hash, for a sign-in; raises DoesNotExist.

        Known and unknown addresses cost the same look-up.
        """
        with _account_tables():
            return self.defer(None).get(email=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person; without a password the account cannot sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """SaaS staff: sees every tenant in the console."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in to the admin."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    # A `Member.Role` while the console answers a member of the tenant that it shows them.
    workspace_role: str | None = None
    # That tenant, and all that they could choose.
    workspace: Tenant | None = None
    workspaces: Sequence[Tenant] = ()

    objects = UserManager()

    class Meta:
        # What refers to accounts leads to them without the hashes, too.
        base_manager_name = "objects"

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **options: Any) -> None:
        """As platform work: SQL in a tenant's scope makes and changes no accounts."""
        with _account_tables():
            super().save(*args, **options)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[User] | None = None,
    ) -> None:
        """The same; Django calls this also when the hash is asked for."""
        rows = User.objects.defer(None) if from_queryset is None else from_queryset
        with _account_tables():
            super().refresh_from_db(using, fields, rows)


def _account_tables() -> AbstractContextManager[None]:
    # The scope needs the models of this module.
    from tenants.scope import platform_tables

    return platform_tables("accounts")


class Member(TenantOwned):
    """A person with a role in one tenant's admin."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        AGENT = "agent", "Agent"
        VIEWER = "viewer", "Viewer"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "user"], name="member_once_per_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Setting(TenantOwned):
    """One tenant's own value of one setting; what is allowed stands in its `SettingSpec`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=80)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "key"], name="setting_once_per_tenant")
        ]

    def __str__(self) -> str:
        return self.key


class AuditEntry(TenantOwned):
    """Who did what to which object. Written by services, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=128, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "-at"], name="audit_newest"),
            models.Index(
                fields=["tenant", "object_type", "object_id", "-at"], name="audit_by_object"
            ),
            # What staff did, or what was deleted, is rare among what customers do.
            models.Index(fields=["tenant", "actor_kind", "-at", "-id"], name="audit_by_actor_kind"),
            models.Index(fields=["tenant", "action", "-at", "-id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class TenantKey(TenantOwned):
    """A tenant's data key, wrapped by a platform master key. The newest one seals."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    master_key_id = models.CharField(max_length=16)
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "-created_at"], name="tenantkey_newest")
        ]

    def __str__(self) -> str:
        return str(self.id)


class PlatformKey(models.Model):
    """A key of the platform itself, wrapped by a master key, such as the one for lookup hashes."""

    purpose = models.CharField(max_length=32, primary_key=True)
    master_key_id = models.CharField(max_length=16)
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.purpose


# Django looks for models in this module only.
import tenants.api_keys.models  # noqa: E402
import tenants.idempotency.models  # noqa: E402
import tenants.invitations.models  # noqa: E402, F401
