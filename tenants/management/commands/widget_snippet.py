"""Print the line that puts a tenant's chat on a page."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.configuration import find_tenant_id
from tenants.console.snippet import pinned_snippet_of, snippet_of
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Both kinds, with what tells them apart in comments: the output is HTML."""

    help = "Print the line that puts a tenant's chat on a page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose chat."""
        parser.add_argument("tenant", help="the tenant's slug")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        tenant_id = find_tenant_id(options["tenant"])
        if tenant_id is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        with tenant_scope(tenant_id) as tenant:
            self.stdout.write(
                "<!-- Follows upgrades of the server within five minutes. -->\n"
                f"{snippet_of(tenant)}\n\n"
                "<!-- Or, for this build alone: kept for a year and checked by the browser. "
                "Replace it after each upgrade, or the chat stays away. -->\n"
                f"{pinned_snippet_of(tenant)}"
            )
