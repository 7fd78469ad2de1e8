from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What is sold. Plans and limits are not part of the product yet."""

    name = "billing"
    verbose_name = "Billing"
