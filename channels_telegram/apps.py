from django.apps import AppConfig


class ChannelsTelegramConfig(AppConfig):
    """Conversations as topics of a tenant's Telegram group."""

    name = "channels_telegram"
    verbose_name = "Telegram"

    def ready(self) -> None:
        """Offer the channel, and wire the handlers of outbox items."""
        from channels_telegram.outgoing import handlers, notices, reminders  # noqa: F401 (handlers)
        from channels_telegram.port import Telegram
        from conversations import channels

        channels.register(Telegram())
        notices.register()
