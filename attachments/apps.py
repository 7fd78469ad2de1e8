from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """Files of customers and agents: taken in, made harmless, kept, served and erased."""

    name = "attachments"
    verbose_name = "Attachments"

    def ready(self) -> None:
        """Erase files with their conversations, and wire the handler that removes their bytes."""
        from attachments import erasure, services
        from tenants import gauges
        from tenants.plan_limits import Limit

        erasure.register()
        gauges.register(Limit.STORAGE_BYTES, lambda tenant: services.bytes_of(tenant=tenant))
