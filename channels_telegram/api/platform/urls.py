"""The platform operator's addresses about channels."""

from django.urls import path

from channels_telegram.api.platform import channels

urlpatterns = [
    path("v2/platform/channels", channels.Channels.as_view()),
]
