"""Telegram's address with us; it runs under the fast handler."""

from django.urls import path

from channels_telegram.api import webhook
from kernel.http import endpoint

urlpatterns = [
    path(
        "v1/telegram/webhook/<str:secret>",
        endpoint(one_at=webhook.topic_of, post=webhook.receive),
    )
]
