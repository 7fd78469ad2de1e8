"""The addresses that run under the fast handler."""

from django.urls import include, path, re_path

from chatorical.web import health
from chatorical.web.widget_file import part, widget
from kernel.http import async_endpoint, endpoint, instant_endpoint

urlpatterns = [
    path("", include("conversations.api.customer.urls")),
    path("", include("attachments.api.urls")),
    path("", include("channels_telegram.api.urls")),
    path("", include("templates_i18n.api.urls")),
    path("", include("billing.api.urls")),
    re_path(r"^(?P<name>widget(?:\.min)?\.js)$", instant_endpoint(get=widget, head=widget)),
    re_path(r"^widget/(?P<name>[\w-]+\.js)$", instant_endpoint(get=part, head=part)),
    path("health", instant_endpoint(get=health.health, head=health.health)),
    path("ready", async_endpoint(get=health.ready, head=health.ready)),
    path("metrics", endpoint(get=health.metrics)),
]
