"""`manage.py stripe_catalogue`: plans and prices to Stripe."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import StripeNotConfigured
from billing.stripe import catalogue
from billing.stripe.failures import StripeFailure


class Command(BaseCommand):
    """Says each step as it is done; a second run finds nothing to do."""

    help = "Bring Stripe's products and prices to what the plans say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say only what would be done."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing at Stripe")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line per product and price."""
        try:
            for step in catalogue.synchronize(is_dry_run=options["dry_run"]):
                self.stdout.write(str(step))
        except StripeNotConfigured as error:
            raise CommandError("Set STRIPE_SECRET_KEY first.") from error
        except StripeFailure as failure:
            raise CommandError(f"Stripe did not do it: {failure}") from failure
