"""What can be refused about Telegram channels."""

from kernel.errors import BadRequest, DomainError, NotFound, Unauthorized


class WebhookNotFound(NotFound):
    """No channel has this secret in its webhook address."""

    code = "webhook_not_found"
    message = "There is no such webhook."


class WebhookUnauthorized(Unauthorized):
    """The header secret is missing or wrong."""

    code = "webhook_unauthorized"
    message = "The secret header is missing or wrong."


class InvalidChannel(BadRequest):
    """A bot token, group id or secret that cannot be right."""

    code = "invalid_channel"
    message = "The Telegram settings are not usable."


class NoChannel(DomainError):
    """The tenant has no Telegram group to show anything in."""

    code = "no_telegram_channel"
    http_status = 409
    message = "Connect a Telegram group first."


class ThreadInUse(DomainError):
    """One topic shows one conversation."""

    code = "thread_in_use"
    http_status = 409
    message = "This topic shows another conversation already."


class ChannelNotFound(NotFound):
    """The tenant has no Telegram channel."""

    code = "channel_not_found"
    message = "No Telegram group is connected. Connect one first."


class BotNotFound(NotFound):
    """The tenant's group has no such bot."""

    code = "telegram_bot_not_found"
    message = "The group has no such bot."


class FirstBot(DomainError):
    """The bot that hears the group cannot be removed alone."""

    code = "first_telegram_bot"
    http_status = 409
    message = "This bot hears the group. Configure another one in its place instead."


class TelegramFailed(DomainError):
    """Telegram refused a call that a person waits for, or did not answer in time."""

    code = "telegram_failed"
    http_status = 409
    message = "Telegram did not do what was asked."
