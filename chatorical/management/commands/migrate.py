"""`manage.py migrate`, with the login that owns the tables."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from kernel.logins import standing_in


class Command(migrate.Command):
    """Django's own, as MIGRATE_DATABASE_URL says; else as the application's login."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Around the checks as well, which look at what migrating will meet."""
        with standing_in(settings.OWNER_DATABASE):
            return super().execute(*args, **options)
