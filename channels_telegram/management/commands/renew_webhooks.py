"""Tell Telegram where we are now."""

from typing import Any

from django.core.management.base import BaseCommand

from channels_telegram import checking


class Command(BaseCommand):
    """Idempotent, for every start: a webhook that leads to a former address is set anew."""

    help = "Have the worker set the webhooks that may lead to a former address, and check them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for it; the worker does it."""
        count = checking.renew_webhooks()
        self.stdout.write(f"Channels to be told our address and checked: {count}.")
