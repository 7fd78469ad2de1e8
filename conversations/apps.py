from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Customers, agents and what they say to each other."""

    name = "conversations"
    verbose_name = "Conversations"

    def ready(self) -> None:
        """Wire the reactions to this app's own events, and hand them to channels afterwards.

        Every process knows the settings, also one that serves no widget.
        """
        from conversations import (
            attachment_settings,
            channels,
            selectors,
            subscribers,
            widget_settings,
        )
        from tenants import gauges
        from tenants.plan_limits import Limit

        assert widget_settings and attachment_settings
        subscribers.register()
        channels.subscribe()
        gauges.register(Limit.AGENTS, lambda tenant: selectors.count_named_agents(tenant=tenant))
        gauges.register(
            Limit.ACTIVE_CONVERSATIONS, lambda tenant: selectors.count_open(tenant=tenant)
        )
