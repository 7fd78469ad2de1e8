from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    """Who owns what: tenants, members, settings, secrets, audit, scope."""

    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        """Register the start-up checks, the settings of the rate limits, and what counts seats."""
        from tenants import checks, rate_limits, seats
        from tenants.database import role_checks, roles
        from tenants.settings import keys

        assert checks and rate_limits and role_checks and keys
        seats.register()
        post_migrate.connect(roles.put_in_force, sender=self)
