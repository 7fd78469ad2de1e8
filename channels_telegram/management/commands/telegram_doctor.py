"""Say whether a tenant's bots and group are set up as they must be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_telegram import deep_health, verifying
from channels_telegram.channels import DecryptedChannel, list_bots
from channels_telegram.verifying import Check
from tenants.configuration import find_tenant_id
from tenants.scope import tenant_scope

_WORDS = {
    "token": "The bot's token",  # nosec B105
    "group": "The group",
    "topics": "Topics in the group",
    "rights": "The bot's rights",
    "deleting": "The right to delete messages",
    "webhook": "Telegram's way to us",
}


class Command(BaseCommand):
    """The checks of the API's *verify* on one page, and on request a topic that comes and goes."""

    help = "Ask Telegram whether a tenant's bots and group are set up as they must be."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose channel, and how far to go."""
        parser.add_argument("tenant", help="the tenant's slug")
        parser.add_argument(
            "--round-trip",
            action="store_true",
            help="also make a topic in the group and delete it again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """A line for each check; raises CommandError when one failed."""
        slug = options["tenant"]
        bots = _bots_of(slug)
        failed: list[Check] = []
        for bot in bots:
            name = f"@{bot.bot_username}" if bot.bot_username else f"the bot {bot.bot_id}"
            self.stdout.write(f"{name} in the group {bot.chat_id}, for {slug}:")
            checks = verifying.verify(bot)
            failed += [check for check in checks if check.ok is False]
            for check in checks:
                self.stdout.write(_line(check))
        if options["round_trip"] and not failed:
            trip = _round_trip(bots[0])
            self.stdout.write(_line(trip))
            failed += [trip] if trip.ok is False else []
        if failed:
            raise CommandError(f"{len(failed)} of these need somebody: see the advice above.")


def _bots_of(slug: str) -> list[DecryptedChannel]:
    tenant_id = find_tenant_id(slug)
    if tenant_id is None:
        raise CommandError(f"There is no tenant {slug!r}.")
    with tenant_scope(tenant_id) as tenant:
        bots = list_bots(tenant=tenant)
    if not bots:
        raise CommandError(f"{slug} has no Telegram channel: add one in the console.")
    return bots


def _round_trip(channel: DecryptedChannel) -> Check:
    findings = deep_health.check(tenant_id=channel.tenant_id)
    name = "A topic that came and went"
    if findings.errors:
        return Check(name, False, " ".join(findings.errors))
    if findings.busy_until is not None:
        return Check(name, None, f"The group is busy until {findings.busy_until:%H:%M:%S} UTC.")
    return Check(name, True)


def _line(check: Check) -> str:
    mark = {True: "✓", False: "✗", None: "…"}[check.ok]
    name = _WORDS.get(check.name, check.name)
    return f"  {mark} {name}" if check.advice is None else f"  {mark} {name}: {check.advice}"
