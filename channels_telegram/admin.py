"""Telegram channels in the console: connecting a group, and seeing why it is silent."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
)

from channels_telegram import bots, channels, checking, services
from channels_telegram.channel_status import status_of, with_status
from channels_telegram.models import TelegramChannel
from channels_telegram.services import ChannelConfig
from channels_telegram.standing import Standing
from conversations.channels import ChannelState, ChannelStatus
from outbox.models import OutboxItem
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, ServiceForm, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant
from tenants.scope import tenant_scope

_LABELS = {
    ChannelState.NOT_CONFIGURED: "None",
    ChannelState.NOT_CHECKED: "Not checked yet",
    ChannelState.WORKING: "Working",
    ChannelState.PAUSED: "Pausing",
    ChannelState.FAILING: "Not accepted yet",
    ChannelState.NEEDS_ATTENTION: "Needs you",
}
CHECKING, SUSPENDED, TRYING_AGAIN = "Checking", "Suspended", "Trying again"
_TONES = {
    "None": "",
    "Not checked yet": "warning",
    "Working": "success",
    "Pausing": "warning",
    "Not accepted yet": "danger",
    TRYING_AGAIN: "warning",
    "Needs you": "danger",
    CHECKING: "info",
    SUSPENDED: "danger",
}
# What needs a person is said until Telegram has answered that it no longer does.
_MAY_BE_CHECKING = (ChannelState.NOT_CHECKED, ChannelState.WORKING)
_SOON = timedelta(seconds=30)
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
            self.fields["chat_id"].required = False
            self.fields[
                "chat_id"
            ].help_text += " Leave it empty to add another bot to the group that the workspace has."
            self.fields["bot_token"].required = True
            self.fields["bot_token"].help_text = "From BotFather. Stored sealed, never shown."
            made_up = "Optional: one is made up when it is left empty."
            self.fields["webhook_secret"].help_text = made_up
            self.fields["header_secret"].help_text = made_up

    def clean(self) -> dict[str, Any] | None:
        """A tenant has one group, to which further bots are added."""
        given = super().clean()
        tenant = self.cleaned_data.get("tenant")
        if self.instance._state.adding and tenant is not None and "chat_id" in self.cleaned_data:
            has_group = TelegramChannel.objects.filter(tenant=tenant).exists()
            if has_group and self.cleaned_data["chat_id"] is not None:
                already = f"{tenant} has a channel already. Open it to change its bot or group, or "
                self.add_error("chat_id", f"{already}leave this empty to add another bot.")
            elif not has_group and self.cleaned_data["chat_id"] is None:
                self.add_error("chat_id", "This field is required.")
        return given

    def carry_out(self) -> TelegramChannel:
        """Configure the channel, or add a bot; an empty secret keeps the present one."""
        given = self.cleaned_data
        with tenant_scope(self.instance.tenant_id) as tenant:
            if given["chat_id"] is None:
                return bots.add_bot(tenant=tenant, token=given["bot_token"], actor=self.actor)
            current = channels.find_channel(tenant=tenant)
            config = ChannelConfig(
                bot_token=given["bot_token"] or (current.bot_token if current else ""),
                chat_id=given["chat_id"],
                webhook_secret=given["webhook_secret"],
                header_secret=given["header_secret"],
            )
            return services.configure_channel(tenant=tenant, config=config, actor=self.actor)


@admin.register(TelegramChannel)
class TelegramChannelAdmin(StaffAdmin[TelegramChannel]):
    """The bots of each tenant's group."""

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
    actions_detail = ("check_now", "try_again")
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

    @column("State", labels=_TONES)
    def state(self, channel: TelegramChannel) -> str:
        """Whether what agents should see is leaving."""
        return _label_of(channel, status_of(channel))

    @column("Changed", ordering="updated_at")
    def changed(self, channel: TelegramChannel) -> str:
        """When it was last configured."""
        return moment(channel.updated_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TelegramChannel]:
        """Channels with all that their state is told from."""
        return with_status(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: TelegramChannel | None = None) -> Any:
        """A channel stays with its tenant."""
        return () if obj is None else ("tenant",)

    def has_change_permission(
        self, request: HttpRequest, obj: TelegramChannel | None = None
    ) -> bool:
        """A bot that helps has nothing to edit: its group is the first one's."""
        is_helping = obj is not None and _is_helping(obj)
        return not is_helping and super().has_change_permission(request, obj)

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
        if channel is not None and self.has_view_permission(request, channel):
            extra |= _page(channel) | {"bot": self.bot(channel), "may_act": self.may_act(request)}
        return super().change_view(request, object_id, form_url, extra)

    @page_action("Check now", path="check", icon="fact_check")
    def check_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask Telegram whether bot, group, rights and webhook are as they must be."""

        def perform(tenant: Tenant, _row: TelegramChannel, actor: Actor) -> bool:
            checking.check_channel(tenant=tenant, actor=actor)
            return True

        return self.act(
            request,
            object_id,
            perform,
            question=Question(
                title="Check the connection now?",
                meaning="Telegram is told our address again and asked whether the bot's token, the "
                "group, its topics and the bot's rights are as they must be. Nothing is posted.",
                button="Check now",
            ),
            done="Telegram is being asked. The answer appears here in a moment.",
        )

    def fitting_actions(self, row: TelegramChannel) -> set[str]:
        """A suspended tenant's channel rests."""
        return {"check", "try-again"} if row.tenant.is_active else set()

    @page_action("Try again now", path="try-again", icon="refresh")
    def try_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Release the channel at once, after it has been mended."""

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


def _is_helping(row: TelegramChannel) -> bool:
    """Whether it is another bot than the one that hears the group."""
    older = TelegramChannel.objects.filter(tenant_id=row.tenant_id, created_at__lt=row.created_at)
    return older.exists()


def _label_of(channel: TelegramChannel, condition: ChannelStatus) -> str:
    if not channel.tenant.is_active:
        return SUSPENDED
    if condition.checking_since is not None and condition.state in _MAY_BE_CHECKING:
        return CHECKING
    return _LABELS[condition.state]


def _page(channel: TelegramChannel) -> dict[str, Any]:
    """What stands above the form."""
    condition = status_of(channel)
    troubles = _troubles(channel)
    label = _label_of(channel, condition)
    if label == _LABELS[ChannelState.WORKING] and troubles["is_failing"]:
        label = TRYING_AGAIN
    since = condition.checking_since
    owner = urlencode({"tenant": str(channel.tenant_id)})
    is_checking = label == CHECKING or (
        label == _LABELS[ChannelState.NEEDS_ATTENTION] and since is not None
    )
    return {
        "channel": channel,
        "is_helping": _is_helping(channel),
        "invitation": bots.invitation(channel),
        "add_address": f"{reverse('admin:channels_telegram_telegramchannel_add')}?{owner}",
        "state": label,
        "tone": _TONES[label],
        "trouble": condition.problem,
        "paused_until": moment(condition.blocked_until),
        "is_held": condition.is_held,
        "checks": _described_checks(channel),
        "checked": moment(channel.standing_checked_at),
        # Later the worker is away, or Telegram: reloading would not make it faster.
        "is_checking": is_checking,
        "reloads": is_checking and since is not None and since > timezone.now() - _SOON,
        **troubles,
    }


def _described_checks(channel: TelegramChannel) -> list[dict[str, object]]:
    """What Telegram has answered, point by point. What depends on a wrong one is not known."""
    standing = Standing.of(channel)
    is_known = not channel.is_token_refused
    if channel.standing_checked_at is None and is_known:
        return []
    is_there = is_known and not standing.is_gone
    # None: cannot be known.
    verdicts = {
        "Telegram knows the bot's token": is_known,
        "The bot is in the group": is_there if is_known else None,
        "The group has topics": standing.has_topics if is_there else None,
        "The bot is an admin with the rights that it needs": (
            standing.rights_problem is None if is_there else None
        ),
        "The bot may delete topics": standing.deleting_problem is None if is_there else None,
        "Telegram delivers to us": (
            channel.webhook_origin == settings.PUBLIC_ORIGIN if is_known else None
        ),
    }
    words = {True: "yes", False: "no", None: "not known"}
    return [{"title": title, "ok": ok, "verdict": words[ok]} for title, ok in verdicts.items()]


def _troubles(channel: TelegramChannel) -> dict[str, Any]:
    """How much waits for the channel, and the newest items that have failed."""
    items = OutboxItem.objects.filter(
        tenant_id=channel.tenant_id, status__in=[OutboxItem.Status.PENDING, OutboxItem.Status.DEAD]
    )
    outbox_channel = channels.outbox_channel(channel.pk)
    waiting = items.filter(status=OutboxItem.Status.PENDING, channel=outbox_channel).count()
    failed = list(
        items.filter(kind__startswith="telegram.").exclude(last_error="").order_by("-id")[:5]
    )
    query = urlencode({"state": "pending", "tenant__id__exact": str(channel.tenant_id)})
    return {
        "waiting": waiting,
        "is_failing": waiting > 0 and any(item.channel == outbox_channel for item in failed),
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
