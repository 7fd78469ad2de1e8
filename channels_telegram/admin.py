"""Telegram channels in the console: connecting a group, and seeing why it is silent."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
)

from channels_telegram import channels, services
from channels_telegram.condition import State, condition_of, with_condition
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig
from outbox.models import OutboxItem
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope

_STATES = {State.NEEDS_ATTENTION: "Needs you", State.PAUSED: "Pausing"}
_KEEP = "Stored sealed and never shown. Leave empty to keep the present one."


def _secret(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=True,
        help_text=help_text,
        widget=UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "off", "spellcheck": "false"}, render_value=False
        ),
    )


class ChannelForm(ServiceForm):
    """A bot in a group. Secrets go in and never come out."""

    already_there = "Another tenant uses this bot in this group, or this webhook secret."

    bot_token = _secret("Bot token", _KEEP)
    webhook_secret = _secret("Webhook secret", _KEEP)
    header_secret = _secret("Header secret", _KEEP)

    class Meta:
        model = TelegramChannel
        fields = ("tenant", "chat_id")
        labels: ClassVar[dict[str, str]] = {"chat_id": "Group id"}
        help_texts: ClassVar[dict[str, str]] = {
            "chat_id": "A forum group's id is negative, such as -1001234567890."
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {"chat_id": UnfoldAdminIntegerFieldWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.fields["bot_token"].required = True
            self.fields["bot_token"].help_text = "From BotFather. Stored sealed, never shown."
            made_up = "Optional: one is made up when it is left empty."
            self.fields["webhook_secret"].help_text = made_up
            optional = "Optional: Telegram then proves itself with it on every call."
            self.fields["header_secret"].help_text = optional

    def clean_tenant(self) -> Tenant:
        """A tenant has one channel."""
        tenant: Tenant = self.cleaned_data["tenant"]
        if TelegramChannel.objects.filter(tenant=tenant).exists():
            raise forms.ValidationError(
                f"{tenant} has a channel already. Open it to change its bot or group."
            )
        return tenant

    def carry_out(self) -> TelegramChannel:
        """Configure the channel; an empty secret keeps the present one."""
        given = self.cleaned_data
        with tenant_scope(self.instance.tenant_id) as tenant:
            current = channels.find_channel(tenant=tenant)
            config = ChannelConfig(
                bot_token=given["bot_token"] or (current.bot_token if current else ""),
                chat_id=given["chat_id"],
                webhook_secret=given["webhook_secret"]
                or (current.webhook_secret if current else ""),
                header_secret=given["header_secret"] or (current.header_secret if current else ""),
            )
            return services.configure_channel(tenant=tenant, config=config, actor=self.actor)


@admin.register(TelegramChannel)
class TelegramChannelAdmin(StaffAdmin[TelegramChannel]):
    """One bot in one group per tenant."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.CHANNELS_WRITE
    form = ChannelForm
    list_display = ("bot", "tenant", "chat_id", "state", "changed")
    list_filter = (TENANT,)
    list_select_related = ("tenant",)
    search_fields = ("bot_username", "=chat_id", "tenant__name", "tenant__slug")
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug",)
    fields: ClassVar[tuple[str, ...]] = (
        "tenant",
        "chat_id",
        "bot_token",
        "webhook_secret",
        "header_secret",
    )
    actions_detail = ("try_again",)
    change_form_outer_before_template = "console/channel_before.html"
    empty_icon = "send"
    empty_title = "No Telegram group is connected"
    empty_text = (
        "Make a bot with BotFather, let it manage topics in a forum group, and add it here."
    )

    @column("Bot", ordering="bot_username")
    def bot(self, channel: TelegramChannel) -> str:
        """Its name in Telegram, once Telegram has said it."""
        return f"@{channel.bot_username}" if channel.bot_username else f"Bot {channel.bot_id}"

    @column("State", labels={"Working": "success", "Needs you": "danger", "Pausing": "warning"})
    def state(self, channel: TelegramChannel) -> str:
        """Whether what agents should see is leaving, and what they write arrives."""
        return _STATES.get(condition_of(channel).state, "Working")

    @column("Changed", ordering="updated_at")
    def changed(self, channel: TelegramChannel) -> str:
        """When it was last configured."""
        return moment(channel.updated_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TelegramChannel]:
        """Channels with their condition."""
        return with_condition(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: TelegramChannel | None = None) -> Any:
        """A channel stays with its tenant."""
        return () if obj is None else ("tenant",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Above the form: whether it works, and what has gone wrong."""
        extra = extra_context or {}
        channel = self.get_object(request, object_id)
        if channel is not None:
            troubles = _troubles(channel)
            state, condition = self.state(channel), condition_of(channel)
            if state == "Working" and troubles["is_failing"]:
                state = "Trying again"
            extra |= {
                "channel": channel,
                "state": state,
                "bot": self.bot(channel),
                "paused_until": moment(condition.blocked_until),
                "trouble": condition.problem,
                "is_held": condition.is_held,
                "may_act": self.may_act(request),
                **troubles,
            }
        return super().change_view(request, object_id, form_url, extra)

    @page_action("Try again now", path="try-again", icon="refresh")
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the gate at once, after the channel has been mended."""

        def perform(tenant: Tenant, _row: TelegramChannel, actor: Actor) -> bool:
            services.resume_channel(tenant=tenant, actor=actor)
            return True

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Try again now?",
                meaning="What waits for this channel is sent at once. If Telegram still refuses, "
                "the channel pauses again and says why.",
                button="Try again now",
            ),
            done="Trying again. Reload in a moment to see how it went.",
        )


def _troubles(channel: TelegramChannel) -> dict[str, Any]:
    """How much waits for the channel, and the newest items that have failed."""
    items = OutboxItem.objects.filter(
        tenant_id=channel.tenant_id, status__in=[OutboxItem.Status.PENDING, OutboxItem.Status.DEAD]
    )
    gate = channels.gate_of(channel.pk)
    waiting = items.filter(status=OutboxItem.Status.PENDING, gate=gate).count()
    failed = list(
        items.filter(kind__startswith="telegram.").exclude(last_error="").order_by("-id")[:5]
    )
    query = urlencode({"state": "pending", "tenant__id__exact": str(channel.tenant_id)})
    return {
        "waiting": waiting,
        "is_failing": waiting > 0 and any(item.gate == gate for item in failed),
        "waiting_address": f"{reverse('admin:outbox_outboxitem_changelist')}?{query}",
        "failed": [
            {
                "kind": item.kind.removeprefix("telegram.").replace("_", " "),
                "error": item.last_error,
                "is_dead": item.status == OutboxItem.Status.DEAD,
                "when": moment(item.created_at),
                "address": reverse("admin:outbox_outboxitem_change", args=[item.pk]),
            }
            for item in failed
        ],
    }
