"""What the demo needs: an account for the admin, agents with names, and a plan to buy."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing.models import Interval, Plan
from billing.prices import set_price
from billing.services import create_plan
from conversations import services
from tenants.audit import SYSTEM
from tenants.configuration import default_tenant_id
from tenants.models import User
from tenants.scope import tenant_scope

# The ids that the simulator gives to the demo's agents, in the order they are named to it.
AGENTS = {7001: "Ana", 7002: "Greg", 7003: "Mia"}
# The plan that the simulated Stripe sells.
PLAN = "team"


class Command(BaseCommand):
    """Makes (or resets) the demo's superuser; never part of a real installation."""

    help = "Create the demo's admin account from DEMO_ADMIN_EMAIL and DEMO_ADMIN_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create or update the account."""
        email, password = settings.DEMO_ADMIN_EMAIL, settings.DEMO_ADMIN_PASSWORD
        if settings.IS_PRODUCTION or not email or not password:
            raise CommandError(
                "Set DEMO_ADMIN_EMAIL and DEMO_ADMIN_PASSWORD, and ENVIRONMENT=development."
            )
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            User.objects.create_superuser(email, password)
        elif not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        with tenant_scope(default_tenant_id()) as tenant:
            for telegram_id, name in AGENTS.items():
                services.register_agent(
                    tenant=tenant, channel_user_id=str(telegram_id), display_name=name, actor=SYSTEM
                )
        plan = Plan.objects.filter(code=PLAN).first() or create_plan(
            code=PLAN, name="Team", actor=SYSTEM
        )
        set_price(
            plan=plan,
            interval=Interval.MONTH,
            currency="eur",
            amount=1900,
            trial_days=14,
            actor=SYSTEM,
        )
        self.stdout.write(f"The demo's admin account is {email}.")
