"""What the key commands share: look before they act, go through tenants, and say how it went."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from tenants.checks import describe_lost_master_keys
from tenants.errors import SealBroken, TenantNotFound

_TENANTS_PER_LINE = 100


class KeyCommand(BaseCommand):
    """A command that changes keys; it stops before the first change when a master key is lost."""

    # The line below says it better than the checks would.
    requires_system_checks: list[str] = []

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Refuse to begin without every master key that is needed."""
        try:
            problem = describe_lost_master_keys()
            if problem is not None:
                raise CommandError(problem)
            return super().execute(*args, **options)
        except OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database is away: {reason}") from error

    def each_tenant(self, tenants: Iterable[UUID], step: Callable[[UUID], object]) -> None:
        """Take each tenant's step; raises CommandError at the end when some could not be done."""
        done, left = 0, 0
        for tenant_id in tenants:
            try:
                step(tenant_id)
            except TenantNotFound:
                # Gone since the list was read, and its keys with it.
                continue
            except OperationalError as error:
                left += 1
                self.stderr.write(f"tenant {tenant_id} is busy: {str(error).splitlines()[0]}")
            except SealBroken as error:
                left += 1
                self.stderr.write(f"tenant {tenant_id} is left as it was: {error}")
            done += 1
            if done % _TENANTS_PER_LINE == 0:
                self.stdout.write(f"{done} tenants …")
        self.stdout.write(f"{done - left} tenants done.")
        if left:
            raise CommandError(f"{left} tenants are left. Run the command again.")
