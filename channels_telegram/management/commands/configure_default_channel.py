"""Connect the default tenant with the group named in the environment."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_telegram import services
from channels_telegram.errors import InvalidChannel
from channels_telegram.services import ChannelConfig
from tenants import audit, configuration
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Idempotent, so it can run at every start; without BOT_TOKEN it does nothing."""

    help = "Configure the default tenant's Telegram channel from BOT_TOKEN and its companions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the settings, store the channel."""
        if not settings.BOT_TOKEN:
            self.stdout.write("BOT_TOKEN is not set: the default tenant's channel stays as it is.")
            return
        try:
            config = ChannelConfig(
                bot_token=settings.BOT_TOKEN,
                chat_id=int(settings.SUPPORT_GROUP_ID or 0),
                webhook_secret=settings.WEBHOOK_SECRET,
                header_secret=_header_secret(),
            )
            with tenant_scope(configuration.default_tenant_id()) as tenant:
                services.configure_channel(tenant=tenant, config=config, actor=audit.SYSTEM)
        except ValueError:
            raise CommandError("SUPPORT_GROUP_ID is not a number such as -1001234567890.") from None
        except InvalidChannel as error:
            raise CommandError(error.public_message) from None
        self.stdout.write("The default tenant's Telegram channel is configured.")


def _header_secret() -> str | None:
    """None for an operator who names the webhook's secret alone, which then has to do."""
    is_alone = settings.WEBHOOK_SECRET and not settings.TELEGRAM_HEADER_SECRET
    return None if is_alone else settings.TELEGRAM_HEADER_SECRET
