"""An account for trying the admin out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.models import User


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
        self.stdout.write(f"The demo's admin account is {email}.")
