"""The operator's addresses of this app; they run under ordinary Django."""

from django.urls import path

from channels_telegram.api.deep_health import DeepHealth

urlpatterns = [path("v1/admin/health/deep", DeepHealth.as_view())]
