"""The conversations of all tenants: a list of what waits, and each one as a chat."""

import re
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from conversations import searching, services
from conversations.admin import legal_hold
from conversations.admin.chat import is_read_by_agent, note_seen, read_chat
from conversations.admin.leaving import LeavingActions
from conversations.admin.questions import BAN, BLOCK, CLOSE, REOPEN
from conversations.admin.sessions import SessionActions, session_lines
from conversations.admin.visitors import visitor_card
from conversations.bans import services as bans
from conversations.models import OPEN_STATUSES, Conversation, Status
from conversations.setting_keys import SUPPORT_LABEL
from conversations.socket.presence import read_presence
from conversations.visitors.wording import language_in_words
from tenants import roles
from tenants.admin.audit import name_actors
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor
from tenants.console import column, moment, page_action
from tenants.console.display import duration
from tenants.console.filters import TENANT
from tenants.models import AuditEntry, Tenant, User
from tenants.scope import tenant_scope

_ID_PREFIX = re.compile(r"[0-9a-f]{4,32}")
_STATES = {
    "waiting": Q(status=Status.OPEN_UNCLAIMED, waiting_since__isnull=False),
    "open": Q(status__in=OPEN_STATUSES),
    "closed": Q(status=Status.CLOSED),
    "blocked": Q(status=Status.BLOCKED),
    "legal_hold": Q(legal_hold_since__isnull=False),
}
_TONES: dict[str, str] = {
    Status.OPEN_UNCLAIMED: "warning",
    Status.OPEN_ASSIGNED: "info",
    Status.AWAITING_CUSTOMER: "info",
    Status.CLOSED: "",
    Status.BLOCKED: "danger",
}


class StateFilter(admin.SimpleListFilter):
    """The tabs above the list; a single status for who needs it exactly."""

    title = "status"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The tabs, then each open status by itself."""
        return [
            ("waiting", "Waiting for an agent"),
            ("open", "Open"),
            *((value.lower(), str(label)) for value, label in Status.choices),
            ("legal_hold", "On legal hold"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Conversation]
    ) -> QuerySet[Conversation]:
        """Only what is in this state."""
        state = self.value()
        if state is None:
            return queryset
        return queryset.filter(_STATES.get(state, Q(status=state.upper())))


def _close(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    return services.close_conversation(tenant=tenant, conversation_id=row.pk, actor=actor)


def _block(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    return services.block_conversation(tenant=tenant, conversation_id=row.pk, actor=actor)


def _ban(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    bans.ban_customer(tenant=tenant, conversation_id=row.pk, actor=actor)
    return True


def _reopen(tenant: Tenant, row: Conversation, actor: Actor) -> bool:
    return services.reopen_conversation(tenant=tenant, conversation_id=row.pk, actor=actor)


@admin.register(Conversation)
class ConversationAdmin(SessionActions, LeavingActions):
    """Newest activity first: by index within a tenant, by a sort across tenants."""

    reading: ClassVar[Scope | None] = Scope.CONVERSATIONS_READ
    writing: ClassVar[Scope | None] = Scope.CONVERSATIONS_WRITE
    can_add = False
    can_edit = False
    list_display = ("name", "state", "tenant", "customer_wrote", "agent_wrote", "holder")
    list_filter = (StateFilter, TENANT)
    list_select_related = ("tenant", "assigned_agent")
    search_fields = ("codename", "customer_name")
    search_help_text = "Name, codename, note, start of an id, or what was written lately"
    ordering = ("-updated_at",)
    actions = ("close_selected", "block_selected", "reopen_selected", "delete_selected_for_good")
    actions_detail = (
        *("reopen", "close", "block", "ban", "place_legal_hold", "lift_legal_hold"),
        # Offered beside the facts, to readers too.
        *("export_csv", "export_json", "delete_for_good", "end_session"),
    )
    change_form_template = "console/conversation.html"
    empty_icon = "forum"
    empty_title = "No conversations yet"
    empty_text = "They appear here as soon as a customer writes in a tenant's widget."
    fields: ClassVar[tuple[str, ...]] = ()

    # --- the list ----------------------------------------------------------------------------

    @column("Conversation")
    def name(self, row: Conversation) -> str:
        """Who it is, and how long they have been waiting for an agent."""
        waiting = ""
        if row.status == Status.OPEN_UNCLAIMED and row.waiting_since is not None:
            span = duration(timezone.now() - row.waiting_since)
            waiting = format_html('<span class="c-waiting">waiting for {}</span>', span)
        hold = ""
        if row.is_on_legal_hold:
            hold = format_html('<span class="c-waiting">{}</span>', "on legal hold")
        return format_html('<bdi class="c-name">{}</bdi>{}{}', row.title, waiting, hold)

    @column("Status", ordering="status", labels=_TONES)
    def state(self, row: Conversation) -> tuple[str, str]:
        """Where it stands."""
        return row.status, row.get_status_display()

    @column("Customer wrote", ordering="last_customer_at")
    def customer_wrote(self, row: Conversation) -> str:
        """When the customer last wrote."""
        return moment(row.last_customer_at)

    @column("Agent wrote", ordering="last_agent_at")
    def agent_wrote(self, row: Conversation) -> str:
        """When an agent last answered."""
        return moment(row.last_agent_at)

    @column("Agent")
    def holder(self, row: Conversation) -> str:
        """Who has it."""
        agent = row.assigned_agent
        return agent.internal_name if agent is not None else "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """By words as the APIs do, by the newest messages, and by the start of an id."""
        if not search_term.strip():
            return queryset, False
        rows = Conversation.objects.order_by()
        ways = [rows.filter(pk__in=searching.find_by_messages(search_term))]
        prefix = search_term.strip().lower().replace("-", "")
        if _ID_PREFIX.fullmatch(prefix):
            first, last = UUID(prefix.ljust(32, "0")), UUID(prefix.ljust(32, "f"))
            ways.append(rows.filter(pk__range=(first, last)))
        # Each way by its own index; as alternatives of one condition none would be used.
        found = searching.filter_for_staff(rows, search=search_term).values("pk")
        return queryset.filter(pk__in=found.union(*(way.values("pk") for way in ways))), False

    # --- the page ----------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The chat, what is known about it, and what has happened to it."""
        extra = extra_context or {}
        conversation = self.get_object(request, object_id)
        if conversation is not None:
            before = request.GET.get("before", "")
            if not before and is_read_by_agent(request):
                note_seen(conversation)
            extra |= _page(conversation, before)
            extra["may_delete"] = self.has_manage_permission(request)
            extra["may_end_sessions"] = self.may_act(request)
        return super().change_view(request, object_id, form_url, extra)

    def fitting_actions(self, row: Conversation) -> set[str]:
        """What can happen next."""
        hold = "lift-legal-hold" if row.is_on_legal_hold else "legal-hold"
        if row.status == Status.BLOCKED:
            return {"reopen", "ban", hold}
        moves = {"reopen" if row.status == Status.CLOSED else "close", "block", "ban"}
        return {*moves, hold}

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Not the lifting of a hold, for those who may not."""
        offered = super().get_actions_detail(request, object_id)
        if self._may_lift(request):
            return offered
        return [one for one in offered if one.path != "lift-legal-hold"]

    def _may_lift(self, request: HttpRequest) -> bool:
        """Owners, admins and platform staff: who also decide how long conversations are kept."""
        user = request.user
        assert isinstance(user, User)
        return user.is_superuser or roles.may(user.workspace_role, Scope.SETTINGS_WRITE)

    @page_action("Close", path="close", icon="check_circle")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Finish it."""
        return self.act(
            request, object_id, _close, question=CLOSE, done="The conversation is closed."
        )

    @page_action("Block", path="block", icon="block", is_dangerous=True)
    def block(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop the customer from writing."""
        return self.act(request, object_id, _block, question=BLOCK, done="The customer is blocked.")

    @page_action("Ban", path="ban", icon="person_off", is_dangerous=True)
    def ban(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop the customer from writing, and from beginning anew."""
        return self.act(request, object_id, _ban, question=BAN, done="The customer is banned.")

    @page_action("Reopen", path="reopen", icon="undo")
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open it again."""
        return self.act(
            request, object_id, _reopen, question=REOPEN, done="The conversation is open again."
        )

    @page_action("Legal hold", path="legal-hold", icon="gavel")
    def place_legal_hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep it from being deleted."""
        return self.act(
            request,
            object_id,
            legal_hold.placing(request.POST.get("answer", "")),
            question=legal_hold.PLACE,
            done="The conversation is on legal hold.",
            not_done="No other legal hold was placed.",
        )

    @page_action("Lift legal hold", path="lift-legal-hold", icon="gavel", is_dangerous=True)
    def lift_legal_hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it be deleted again."""
        if not self._may_lift(request):
            raise PermissionDenied
        return self.act(
            request,
            object_id,
            legal_hold.lift,
            question=legal_hold.LIFT,
            done="The legal hold is lifted.",
        )

    @admin.action(description="Close", permissions=["act"])
    def close_selected(
        self, request: HttpRequest, rows: QuerySet[Conversation]
    ) -> HttpResponse | None:
        """Finish the selected ones."""
        return self.act_on_selected(request, rows, _close, question=CLOSE, done="Closed: {count}.")

    @admin.action(description="Block customers", permissions=["act"])
    def block_selected(
        self, request: HttpRequest, rows: QuerySet[Conversation]
    ) -> HttpResponse | None:
        """Stop these customers from writing."""
        return self.act_on_selected(request, rows, _block, question=BLOCK, done="Blocked: {count}.")

    @admin.action(description="Reopen", permissions=["act"])
    def reopen_selected(
        self, request: HttpRequest, rows: QuerySet[Conversation]
    ) -> HttpResponse | None:
        """Open the selected ones again."""
        return self.act_on_selected(
            request, rows, _reopen, question=REOPEN, done="Reopened: {count}."
        )


def _page(conversation: Conversation, before: str) -> dict[str, Any]:
    with tenant_scope(conversation.tenant_id) as tenant:
        chat = read_chat(
            conversation,
            support_label=tenant.setting(SUPPORT_LABEL),
            before=int(before) if before.isdecimal() and len(before) < 10 else None,
        )
        trail = list(
            AuditEntry.objects.filter(
                tenant=tenant, object_type="conversation", object_id=str(conversation.pk)
            ).order_by("-at")[:20]
        )
        facts = [
            *_facts(conversation),
            *_ban_facts(tenant, conversation),
            *legal_hold.time_left(tenant, conversation),
        ]
        visitor = visitor_card(conversation)
        sessions = session_lines(conversation)
    name_actors(trail)
    return {
        "chat": chat,
        "trail": [
            {
                "what": entry.action.removeprefix("conversation.").replace("_", " "),
                "who": entry.__dict__["actor_name"],
                "when": moment(entry.at),
            }
            for entry in trail
        ],
        "facts": facts,
        "visitor": visitor,
        "sessions": sessions,
        "tone": _TONES[Status(conversation.status)],
    }


def _ban_facts(tenant: Tenant, conversation: Conversation) -> list[tuple[str, str]]:
    if conversation.status != Status.BLOCKED:
        return []
    until = bans.banned_until(tenant=tenant, conversation=conversation)
    return [] if until is None else [("Banned until", moment(until))]


def _presence(conversation: Conversation) -> str:
    found = read_presence(tenant_id=conversation.tenant_id, conversation_id=conversation.pk)
    return found.in_words or "not known"


def _facts(conversation: Conversation) -> list[tuple[str, str]]:
    agent = conversation.assigned_agent
    topic = f"#{conversation.thread_id}" if conversation.thread_id else "none yet"
    return [
        ("Customer", conversation.customer_name or "has not said a name"),
        ("Codename", conversation.codename),
        ("Tenant", str(conversation.tenant)),
        ("Agent", agent.internal_name if agent is not None else "nobody"),
        ("Language", language_in_words(conversation.locale) or "not said"),
        ("Customer wrote", moment(conversation.last_customer_at)),
        ("Agent wrote", moment(conversation.last_agent_at)),
        ("Started", moment(conversation.created_at)),
        ("Page", _presence(conversation)),
        ("Telegram topic", topic),
        ("Messages", str(conversation.last_seq)),
    ]
