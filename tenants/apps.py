from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who owns what: tenants, members, settings, secrets, audit, scope."""

    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        """Register the start-up checks."""
        from tenants import checks

        assert checks
