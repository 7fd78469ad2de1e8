from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who owns what: tenants, members, settings, secrets, audit, scope."""

    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        """Register the start-up checks, and the settings of the rate limits in every process."""
        from tenants import checks, rate_limits, setting_keys

        assert checks and rate_limits and setting_keys
