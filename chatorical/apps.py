from django.apps import AppConfig


class ChatoricalConfig(AppConfig):
    """The composition root as an app: commands, templates and the Celery application."""

    name = "chatorical"

    def ready(self) -> None:
        """Make our Celery application the current one wherever Django runs."""
        from chatorical.celery import app

        app.set_current()
