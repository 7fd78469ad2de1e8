from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What is sold: plans, and which tenant has which."""

    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        """Answer for the tenants' plans in every process."""
        from billing import selectors
        from tenants import plan_limits

        plan_limits.register(selectors.limits_of)
