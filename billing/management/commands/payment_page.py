"""`manage.py payment_page`: a page of Stripe's for one tenant."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.errors import AlreadySubscribed
from billing.models import Interval
from billing.stripe import checkout
from kernel.errors import DomainError
from tenants.audit import SYSTEM
from tenants.configuration import find_tenant_id


class Command(BaseCommand):
    """For staff who send a tenant's people where they can pay."""

    help = "Print the address where a tenant pays for a plan, or manages what it pays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant, and what it is to pay for."""
        parser.add_argument("tenant", help="its slug")
        parser.add_argument("--plan", required=True, help="the plan's code")
        parser.add_argument("--interval", choices=Interval.values, default=Interval.MONTH)

    def handle(self, *args: Any, **options: Any) -> None:
        """The checkout page; the portal where there is a subscription already."""
        tenant_id = find_tenant_id(options["tenant"])
        if tenant_id is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        try:
            try:
                url = checkout.open_checkout(
                    tenant_id=tenant_id,
                    plan_code=options["plan"],
                    interval=options["interval"],
                    actor=SYSTEM,
                )
            except AlreadySubscribed:
                url = checkout.open_portal(tenant_id=tenant_id, actor=SYSTEM)
        except DomainError as refusal:
            raise CommandError(refusal.public_message) from refusal
        self.stdout.write(url)
