from django.apps import AppConfig


class BillingConfig(AppConfig):
    """What is sold: plans, and which tenant has which."""

    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        """Answer for plans in every process, meter what is used, deliver what goes to Stripe."""
        from billing import metrics, selectors  # noqa: F401
        from billing.metering import facts
        from billing.metering.totals import Totals
        from billing.stripe import handlers  # noqa: F401
        from tenants import plan_limits, use_limits

        facts.register()
        plan_limits.register(selectors.limits_of)
        use_limits.register(Totals())
