from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What is sold: plans, which tenant has which, and how much of it is used."""

    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        """Answer for the tenants' plans in every process, and meter what they use."""
        from billing import selectors
        from billing.metering import facts
        from tenants import plan_limits

        facts.register()
        plan_limits.register(selectors.limits_of)
