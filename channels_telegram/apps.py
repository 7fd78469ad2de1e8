from django.apps import AppConfig


class ChannelsTelegramConfig(AppConfig):
    """Conversations as topics of a tenant's Telegram group."""

    name = "channels_telegram"
    verbose_name = "Telegram"

    def ready(self) -> None:
        """Wire the reactions to conversations, and the handlers of outbox items."""
        from channels_telegram import subscribers
        from channels_telegram.outgoing import notices, posts

        subscribers.register()
        notices.register()
        posts.register()
