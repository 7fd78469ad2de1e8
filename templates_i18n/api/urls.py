"""The public addresses of texts; all of them run under the fast handler."""

from django.urls import path

from kernel.http import endpoint
from templates_i18n.api import i18n

urlpatterns = [
    path("v1/i18n/<str:tenant_slug>/<str:locale>", endpoint(get=i18n.entries, head=i18n.entries)),
]
