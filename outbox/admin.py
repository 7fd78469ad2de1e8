"""The outbox in the console: what waits, what has failed, and what to do about it."""

import json
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from outbox import services
from outbox.kinds import redacted
from outbox.models import OutboxItem
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import Question, StaffAdmin, column, moment, page_action
from tenants.console.filters import TENANT
from tenants.models import Tenant

# A pending item that has not left by then is worth a look.
LATE_AFTER = timedelta(minutes=1)

_TONES: dict[str, str] = {
    OutboxItem.Status.PENDING: "info",
    OutboxItem.Status.DONE: "success",
    OutboxItem.Status.DEAD: "danger",
    OutboxItem.Status.DISCARDED: "",
}

RETRY = Question(
    title="Try again?",
    meaning="A new first attempt is made at once. What is waiting behind it in the same topic "
    "goes on in order.",
    button="Try again",
)
DISCARD = Question(
    title="Discard what was promised?",
    meaning="It will never be sent: if it is a customer's message, the agents do not see it in "
    "Telegram. The conversation itself keeps it. What waits behind it can leave.",
    button="Discard",
    is_dangerous=True,
)


class StateFilter(admin.SimpleListFilter):
    """The tabs above the list."""

    title = "status"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Each status, and what is late."""
        return [
            ("late", "Late"),
            *((value.lower(), str(label)) for value, label in OutboxItem.Status.choices),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutboxItem]
    ) -> QuerySet[OutboxItem]:
        """Only what is in this state."""
        state = self.value()
        if state is None:
            return queryset
        return queryset.filter(is_late() if state == "late" else Q(status=state.upper()))


def is_late() -> Q:
    """Promised a while ago and still not kept."""
    return Q(status=OutboxItem.Status.PENDING, created_at__lt=timezone.now() - LATE_AFTER)


def _retry(tenant: Tenant, row: OutboxItem, actor: Actor) -> bool:
    return services.retry_item(tenant=tenant, item=row, actor=actor)


def _discard(tenant: Tenant, row: OutboxItem, actor: Actor) -> bool:
    return services.discard_item(tenant=tenant, item=row, actor=actor)


@admin.register(OutboxItem)
class OutboxItemAdmin(StaffAdmin[OutboxItem]):
    """Read only, newest first; finished items disappear after a week."""

    reading: ClassVar[Scope | None] = Scope.SETTINGS_READ
    writing: ClassVar[Scope | None] = Scope.ADMIN_WRITE
    can_add = False
    can_edit = False
    list_display = ("kind", "state", "tenant", "attempts", "next", "error", "promised")
    list_filter = (StateFilter, "kind", TENANT)
    list_select_related = ("tenant",)
    search_fields = ("=id", "=request_id", "^ordering_key")
    search_help_text = "Number, request id or ordering key"
    ordering = ("-id",)
    actions = ("retry_selected", "discard_selected")
    actions_detail = ("retry", "discard")
    empty_icon = "outbox"
    empty_title = "Nothing is promised to anybody"
    empty_text = "Posts to Telegram pass through here; finished ones are kept for a week."
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("kind", "tenant", "status", "error", "attempts")}),
        ("When", {"fields": ("promised", "next", "shown_expiry", "finished")}),
        ("What", {"fields": ("lane", "ordering_key", "channel", "request_id", "shown_payload")}),
    )

    @column("Status", ordering="status", labels=_TONES)
    def state(self, item: OutboxItem) -> tuple[str, str]:
        """Where it stands."""
        return item.status, item.get_status_display()

    @column("Last error")
    def error(self, item: OutboxItem) -> str:
        """Why the last attempt failed."""
        return item.last_error or "–"

    @column("Next attempt", ordering="next_attempt_at")
    def next(self, item: OutboxItem) -> str:
        """When it is tried again, while it is pending."""
        if item.status != OutboxItem.Status.PENDING:
            return "–"
        if item.lease:
            return "under way"
        return "due" if item.next_attempt_at <= timezone.now() else moment(item.next_attempt_at)

    @column("Promised", ordering="id")
    def promised(self, item: OutboxItem) -> str:
        """When it was written."""
        return moment(item.created_at)

    @column("Expires")
    def shown_expiry(self, item: OutboxItem) -> str:
        """When it becomes pointless."""
        return moment(item.expires_at)

    @column("Finished")
    def finished(self, item: OutboxItem) -> str:
        """When it ended."""
        return moment(item.finished_at)

    @column("Payload")
    def shown_payload(self, item: OutboxItem) -> str:
        """Without texts, unless the page was opened to show them."""
        is_open = item.__dict__.get("shows_texts", False)
        shape = item.payload if is_open else redacted(item)
        link = (
            ""
            if is_open
            else format_html('<a class="c-link" href="?payload=1">{}</a>', "Show texts")
        )
        text = json.dumps(shape, indent=2, ensure_ascii=False)
        return format_html('<pre class="c-code" dir="auto">{}</pre>{}', text, link)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> OutboxItem | None:
        """The item; with `?payload=1`, its texts too, for who may act on it."""
        item = super().get_object(request, object_id, from_field)
        if item is not None:
            asked = request.GET.get("payload") == "1"
            item.__dict__["shows_texts"] = asked and self.may_act(request)
        return item

    def fitting_actions(self, row: OutboxItem) -> set[str]:
        """Only what is not finished can be tried or given up."""
        is_open = row.status in (OutboxItem.Status.PENDING, OutboxItem.Status.DEAD)
        return {"retry", "discard"} if is_open else set()

    @page_action("Try again", path="retry", icon="refresh")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give it a new first attempt."""
        return self.act(
            request,
            object_id,
            _retry,
            question=RETRY,
            done="It is being tried again.",
            not_done="It is done or being attempted right now.",
        )

    @page_action("Discard", path="discard", icon="delete_sweep", is_dangerous=True)
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give it up for good."""
        return self.act(
            request,
            object_id,
            _discard,
            question=DISCARD,
            done="It will not be sent.",
            not_done="It is done or being attempted right now.",
        )

    @admin.action(description="Try again", permissions=["act"])
    def retry_selected(
        self, request: HttpRequest, rows: QuerySet[OutboxItem]
    ) -> HttpResponse | None:
        """Try the selected ones again."""
        return self.act_on_selected(
            request, rows, _retry, question=RETRY, done="Tried again: {count}."
        )

    @admin.action(description="Discard", permissions=["act"])
    def discard_selected(
        self, request: HttpRequest, rows: QuerySet[OutboxItem]
    ) -> HttpResponse | None:
        """Give the selected ones up."""
        return self.act_on_selected(
            request, rows, _discard, question=DISCARD, done="Discarded: {count}."
        )
