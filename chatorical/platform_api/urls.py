"""The addresses of the platform's operator."""

from django.urls import path

from chatorical.platform_api import channels, plans, tenants

urlpatterns = [
    path("v2/platform/tenants", tenants.Tenants.as_view()),
    path("v2/platform/tenants/<slug:slug>", tenants.OneTenant.as_view()),
    path("v2/platform/tenants/<slug:slug>/api-keys", tenants.TenantApiKeys.as_view()),
    path("v2/platform/tenants/<slug:slug>/plan", plans.TenantPlan.as_view()),
    path("v2/platform/plans", plans.Plans.as_view()),
    path("v2/platform/plans/<slug:code>", plans.OnePlan.as_view()),
    path("v2/platform/channels", channels.Channels.as_view()),
]
