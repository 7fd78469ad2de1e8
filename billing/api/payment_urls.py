"""The addresses of what plans cost, and of paying."""

from django.urls import path

from billing.api import payments
from billing.api.platform import prices

urlpatterns = [
    path("v2/admin/billing/checkout", payments.Checkout.as_view()),
    path("v2/admin/billing/portal", payments.Portal.as_view()),
    path("v2/platform/plans/<slug:code>/prices", prices.Prices.as_view()),
    path("v2/platform/plans/<slug:code>/prices/<slug:interval>", prices.OnePrice.as_view()),
]
