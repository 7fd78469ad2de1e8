"""Deleting closed conversations whose time is over: looking first, or doing it now."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from conversations.services import retention
from conversations.services.retention import Outlook
from tenants.configuration import find_tenant_id
from tenants.models import Tenant
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Beat does this each hour, some of each tenant; the command does all of it at once."""

    help = (
        "Delete every closed conversation that its tenant keeps no longer "
        "(retention.closed.days, RETENTION_DAYS), or only say how many that are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--dry-run` deletes nothing; `--tenant` is about one tenant only."""
        parser.add_argument("--dry-run", action="store_true", help="delete nothing, only count")
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per tenant, and the sum."""
        chosen = self._chosen(options["tenant"])
        if options["dry_run"]:
            self._look(chosen)
        else:
            self._run(chosen, of_one=options["tenant"] is not None)

    def _chosen(self, slug: str | None) -> dict[UUID, str]:
        if slug is None:
            return dict(Tenant.objects.values_list("pk", "slug"))
        tenant_id = find_tenant_id(slug)
        if tenant_id is None:
            raise CommandError(f"There is no tenant called {slug!r}.")
        return {tenant_id: slug}

    def _look(self, chosen: dict[UUID, str]) -> None:
        total = 0
        for tenant_id, slug in chosen.items():
            with tenant_scope(tenant_id) as tenant:
                outlook = retention.look_ahead(tenant)
            self.stdout.write(f"{slug}: {_sentence(outlook)}")
            total += outlook.conversations
        self.stdout.write(f"{total} conversations would be deleted. Nothing was changed.")

    def _run(self, chosen: dict[UUID, str], *, of_one: bool) -> None:
        of = chosen.keys() if of_one else None
        outcome = retention.run_retention(of=of, at_most=None)
        for tenant_id, count in outcome.deleted.items():
            self.stdout.write(f"{chosen.get(tenant_id, tenant_id)}: {count} deleted")
        self.stdout.write(f"{sum(outcome.deleted.values())} conversations were deleted.")
        if outcome.failed:
            slugs = ", ".join(str(chosen.get(one, one)) for one in outcome.failed)
            raise CommandError(f"It failed for {slugs}: see retention_failed in the log.")


def _sentence(outlook: Outlook) -> str:
    if not outlook.days:
        return "keeps closed conversations for ever (retention.closed.days is 0)"
    held = f"; {outlook.on_legal_hold} more on legal hold" if outlook.on_legal_hold else ""
    if outlook.oldest is None:
        return f"nothing was closed more than {outlook.days} days ago{held}"
    return (
        f"{outlook.conversations} conversations with {outlook.messages} messages, closed more than "
        f"{outlook.days} days ago; the oldest on {outlook.oldest:%Y-%m-%d %H:%M} UTC{held}"
    )
