"""The platform operator's addresses about plans."""

from django.urls import path

from billing.api.platform import limits, plans

urlpatterns = [
    path("v2/platform/tenants/<slug:slug>/limits/<slug:name>", limits.TenantLimit.as_view()),
    path("v2/platform/tenants/<slug:slug>/plan", plans.TenantPlan.as_view()),
    path("v2/platform/plans", plans.Plans.as_view()),
    path("v2/platform/plans/<slug:code>", plans.OnePlan.as_view()),
]
