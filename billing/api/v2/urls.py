"""The v2 admin addresses of this app."""

from django.urls import path

from billing.api.v2 import billing, usage

urlpatterns = [
    path("v2/admin/billing", billing.Billing.as_view()),
    path("v2/admin/usage", usage.Usage.as_view()),
]
