"""Give tenants new data keys, and seal everything that is sealed with them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tenants.configuration import find_tenant_id
from tenants.crypto import rotation
from tenants.crypto.rotation import SealedAnew
from tenants.management.key_commands import KeyCommand


class Command(KeyCommand):
    """May be ended at any time and run again: tenants whose key is new already are not redone."""

    help = "Give each tenant a new data key and seal its secrets with it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which tenants, and how old a key has to be in order to be replaced."""
        parser.add_argument("--tenant", metavar="SLUG", help="this one only")
        parser.add_argument(
            "--older-than-hours",
            type=float,
            default=24,
            metavar="HOURS",
            help="leave younger keys; 24 by default, so that a run that ended early goes on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Renew, seal anew, remove what is unused, and say what stays."""
        made_before = timezone.now() - timedelta(hours=options["older_than_hours"])
        results: list[SealedAnew] = []
        try:
            self.each_tenant(
                self._tenants(options["tenant"]),
                lambda tenant_id: results.append(
                    rotation.renew_data_key(tenant_id, made_before=made_before)
                ),
            )
        finally:
            self._sum_up(results)

    def _tenants(self, slug: str | None) -> Iterable[UUID]:
        if slug is None:
            return rotation.tenants_with_data_keys()
        tenant_id = find_tenant_id(slug)
        if tenant_id is None:
            raise CommandError(f"There is no tenant {slug!r}.")
        return [tenant_id]

    def _sum_up(self, results: list[SealedAnew]) -> None:
        made = sum(result.has_new_key for result in results)
        values = sum(result.values for result in results)
        removed = sum(result.removed for result in results)
        kept = sum(result.kept for result in results)
        self.stdout.write(f"{made} new keys, {values} values sealed anew, {removed} keys removed.")
        if kept:
            minutes = rotation.READERS_FINISH_WITHIN // timedelta(minutes=1)
            self.stdout.write(
                f"{kept} old keys stay for those still reading. "
                f"Run the command again in {minutes} minutes to remove them."
            )
