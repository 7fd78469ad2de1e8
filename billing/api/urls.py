"""Stripe's address with us; it runs under the fast handler."""

from django.urls import path

from billing.api import webhook
from kernel.http import endpoint

urlpatterns = [
    path("v1/stripe/webhook", endpoint(post=webhook.receive)),
    path("v2/stripe/webhook", endpoint(post=webhook.receive)),
]
