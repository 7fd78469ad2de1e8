"""The platform operator's addresses about tenants."""

from django.urls import path

from tenants.api.platform import tenants

urlpatterns = [
    path("v2/platform/tenants", tenants.Tenants.as_view()),
    path("v2/platform/tenants/<slug:slug>", tenants.OneTenant.as_view()),
    path("v2/platform/tenants/<slug:slug>/api-keys", tenants.TenantApiKeys.as_view()),
]
