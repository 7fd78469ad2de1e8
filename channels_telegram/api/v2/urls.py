"""The addresses of the tenant's Telegram channel."""

from django.urls import path

from channels_telegram.api.v2 import bots, channel, telegram

urlpatterns = [
    path("v2/admin/channels/telegram", channel.Channel.as_view()),
    path("v2/admin/channels/telegram/bots", bots.Bots.as_view()),
    path("v2/admin/channels/telegram/bots/<uuid:bot_id>", bots.OneBot.as_view()),
    path("v2/admin/channels/telegram/bots/<uuid:bot_id>/verify", bots.VerifyBot.as_view()),
    path("v2/admin/channels/telegram/rotate-secrets", channel.RotateSecrets.as_view()),
    path("v2/admin/channels/telegram/verify", telegram.Verify.as_view()),
    path("v2/admin/channels/telegram/webhook", telegram.Webhook.as_view()),
    path("v2/admin/channels/telegram/status", telegram.Status.as_view()),
]
