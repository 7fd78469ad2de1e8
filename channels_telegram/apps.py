from django.apps import AppConfig


class ChannelsTelegramConfig(AppConfig):
    """Conversations as topics of a tenant's Telegram group."""

    name = "channels_telegram"
    verbose_name = "Telegram"

    def ready(self) -> None:
        """Offer the channel, and wire the handlers of outbox items."""
        from channels_telegram import services
        from channels_telegram.outgoing import (  # noqa: F401
            fetching,
            files,
            handlers,
            limit_notices,
            notices,
            reminders,
        )
        from channels_telegram.port import Telegram
        from conversations import channels
        from tenants import gauges
        from tenants.plan_limits import Limit

        channels.register(Telegram())
        notices.register()
        limit_notices.register()
        gauges.register(Limit.BOTS, lambda tenant: services.count_bots(tenant=tenant))
