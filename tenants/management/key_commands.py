"""What the key commands share: look before they act, go through tenants, and say how it went."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from kernel.database import is_outage
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
        except Error as error:
            if not is_outage(error):
                raise
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database is away: {reason}") from error

    def each_tenant(self, tenants: Iterable[UUID], step: Callable[[UUID], object]) -> None:
        """Take each tenant's step; raises CommandError at the end when some could not be done.

        Tenants that are busy have another turn after all the others, twice.
        """
        self._done = 0
        broken: list[UUID] = []
        busy = self._round(tenants, step, broken)
        for _ in range(2):
            busy = self._round(busy, step, broken)
        for tenant_id in busy:
            self.stderr.write(f"tenant {tenant_id} is busy and left as it was")
        self.stdout.write(f"{self._done} tenants done.")
        if busy or broken:
            left = len(busy) + len(broken)
            raise CommandError(f"{left} tenants are left. Run the command again.")

    def _round(
        self, tenants: Iterable[UUID], step: Callable[[UUID], object], broken: list[UUID]
    ) -> list[UUID]:
        busy: list[UUID] = []
        for tenant_id in tenants:
            try:
                step(tenant_id)
            except TenantNotFound:
                # Gone since the list was read, and its keys with it.
                continue
            except Error as error:
                if not is_outage(error):
                    raise
                busy.append(tenant_id)
                continue
            except SealBroken as error:
                broken.append(tenant_id)
                self.stderr.write(f"tenant {tenant_id} is left as it was: {error}")
                continue
            self._done += 1
            if self._done % _TENANTS_PER_LINE == 0:
                self.stdout.write(f"{self._done} tenants …")
        return busy
