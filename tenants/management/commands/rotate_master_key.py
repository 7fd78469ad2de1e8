"""Wrap all data keys with the first master key, so that older master keys can be dropped."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.crypto import rotation
from tenants.crypto.kms import key_management
from tenants.management.key_commands import KeyCommand


class Command(KeyCommand):
    """May be ended at any time and run again: what is done is not done twice."""

    help = "Wrap all data keys with the first key of KMS_MASTER_KEY, and say which are still used."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` only counts."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail while older keys are used"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Wrap anew, then count."""
        if not options["check"]:
            number = rotation.wrap_platform_keys_anew()
            self.stdout.write(f"{number} keys of the platform wrapped anew.")
            self.each_tenant(rotation.tenants_to_wrap_anew(), rotation.wrap_tenant_keys_anew)
        self._count()

    def _count(self) -> None:
        counts = rotation.count_by_master_key()
        first, *others = key_management().known_ids
        self.stdout.write(f"master key {first} wraps: {counts.get(first, 0)} keys")
        for name in others:
            number = counts.get(name, 0)
            verdict = "still needed" if number else "may be dropped"
            self.stdout.write(f"master key {name}, {verdict}: {number} keys")
        remaining = sum(counts.get(name, 0) for name in others)
        if remaining:
            raise CommandError(f"{remaining} keys are still wrapped by older master keys.")
