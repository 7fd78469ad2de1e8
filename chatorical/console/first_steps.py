"""From an empty workspace to the first answered conversation, a step at a time."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from channels_telegram.channel_status import status_of, with_status
from channels_telegram.models import TelegramChannel
from conversations.channels import ChannelState, ChannelStatus
from conversations.models import Conversation
from tenants.admin.tenants import websites_of
from tenants.console.snippet import snippet_of
from tenants.models import DEFAULT_TENANT_SLUG, Tenant


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far a tenant has come."""

    tenant_address: str
    channel_address: str
    channel: ChannelStatus
    websites: list[str]
    # A default tenant in development is shown by every website.
    is_open_to_all: bool
    snippet: str
    has_conversation: bool

    @property
    def has_channel(self) -> bool:
        """Whether there is one, in whatever state."""
        return self.channel.state != ChannelState.NOT_CONFIGURED

    @property
    def is_connected(self) -> bool:
        """Whether a check of the channel has passed, and nothing has gone wrong since."""
        return self.channel.state in (ChannelState.WORKING, ChannelState.PAUSED)

    @property
    def is_checked(self) -> bool:
        """Whether the channel's last check has ended."""
        return self.channel.state != ChannelState.NOT_CHECKED

    @property
    def is_allowed(self) -> bool:
        """Whether some website may show the chat."""
        return bool(self.websites) or self.is_open_to_all


def find_first_steps(workspace: Tenant | None) -> FirstSteps | None:
    """The steps of a member's workspace until an agent has answered a customer in it.

    For platform staff (None) those of the default tenant, as long as nobody has written anywhere.
    Call it in the page's scope.
    """
    conversations = Conversation.objects.all()
    if workspace is None:
        tenant = Tenant.objects.filter(slug=DEFAULT_TENANT_SLUG).first()
        if tenant is None or conversations.exists():
            return None
    else:
        tenant = workspace
        if conversations.filter(last_agent_at__isnull=False).exists():
            return None
    rows = with_status(TelegramChannel.objects.filter(tenant=tenant))
    channel = rows.order_by("created_at").first()
    page = "admin:channels_telegram_telegramchannel"
    return FirstSteps(
        tenant_address=reverse("admin:tenants_tenant_change", args=[tenant.pk]),
        channel_address=(
            f"{reverse(f'{page}_add')}?tenant={tenant.pk}"
            if channel is None
            else reverse(f"{page}_change", args=[channel.pk])
        ),
        channel=status_of(channel),
        websites=websites_of(tenant),
        is_open_to_all=tenant.slug == DEFAULT_TENANT_SLUG and not settings.IS_PRODUCTION,
        snippet=snippet_of(tenant),
        has_conversation=conversations.filter(tenant=tenant, last_seq__gt=0).exists(),
    )
