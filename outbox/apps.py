from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Promised external effects, kept at least once and in order."""

    name = "outbox"
    verbose_name = "Outbox"
