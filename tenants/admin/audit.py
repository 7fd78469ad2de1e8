"""The audit trail."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from tenants.api_keys.scopes import Scope
from tenants.audit import ActorKind
from tenants.console import StaffAdmin, column, moment
from tenants.console.filters import TENANT
from tenants.models import AuditEntry, User

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

_ACCOUNTS = (ActorKind.STAFF, ActorKind.MEMBER)

Actors = set[tuple[UUID, str]]
"""Actors of one kind: the tenant of what they have done, and their id in the trail."""
Naming = Callable[[Actors], Mapping[tuple[UUID, str], str]]
_NAMINGS: dict[str, Naming] = {}


def name_by(kind: ActorKind, naming: Naming) -> None:
    """Have the trail's pages call actors of a kind what `naming` says, where it knows them."""
    _NAMINGS[kind] = naming


def name_actors(entries: list[AuditEntry]) -> None:
    """Put a readable `actor_name` on each entry, with one query for each kind of actor."""
    names: dict[tuple[str, UUID, str], str] = {}
    for kind, naming in _NAMINGS.items():
        actors = {(one.tenant_id, one.actor_id) for one in entries if one.actor_kind == kind}
        found = naming(actors) if actors else {}
        names.update({(kind, *actor): name for actor, name in found.items()})
    for entry in entries:
        known = names.get((entry.actor_kind, entry.tenant_id, entry.actor_id))
        kind = entry.actor_kind.replace("_", " ")
        plain = f"{kind} {entry.actor_id}".strip()
        entry.__dict__["actor_name"] = f"{known} ({kind})" if known else plain


def _emails(actors: Actors) -> Mapping[tuple[UUID, str], str]:
    ids = {int(actor_id) for _, actor_id in actors if actor_id.isdecimal()}
    emails = dict(User.objects.filter(pk__in=ids).values_list("pk", "email"))
    return {
        actor: emails[int(actor[1])]
        for actor in actors
        if actor[1].isdecimal() and int(actor[1]) in emails
    }


for _kind in _ACCOUNTS:
    name_by(_kind, _emails)


class _NamingList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        name_actors(self.result_list)


@admin.register(AuditEntry)
class AuditEntryAdmin(StaffAdmin[AuditEntry]):
    """Read only. Across tenants the newest entries are found by sorting; per tenant by index."""

    reading: ClassVar[Scope | None] = Scope.AUDIT_READ
    can_add = False
    can_edit = False
    list_display = ("when", "action", "who", "what", "tenant")
    list_display_links = ("when", "action")
    list_filter = ("actor_kind", TENANT)
    list_select_related = ("tenant",)
    search_fields = ("=object_id", "=request_id", "^action")
    search_help_text = "Object's id, request id or action"
    ordering = ("-at",)
    fields: ClassVar[tuple[str, ...]] = (
        "when",
        "action",
        "who",
        "tenant",
        "what",
        "shown_changes",
        "request_id",
    )
    empty_icon = "history"
    empty_title = "Nothing has been changed yet"
    empty_text = "Every change of a conversation, a setting or a person leaves a line here."

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list that names people."""
        return _NamingList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> AuditEntry | None:
        """The entry with its actor named."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            name_actors([entry])
        return entry

    @column("When", ordering="at")
    def when(self, entry: AuditEntry) -> str:
        """How long ago."""
        return moment(entry.at)

    @column("Who")
    def who(self, entry: AuditEntry) -> str:
        """The person or part of the product."""
        name: str = entry.__dict__["actor_name"]
        return name

    @column("Object")
    def what(self, entry: AuditEntry) -> str:
        """What it happened to."""
        kind = entry.object_type.replace("_", " ")
        return format_html('{} <code class="c-id">{}</code>', kind, entry.object_id)

    @column("Changes")
    def shown_changes(self, entry: AuditEntry) -> str:
        """New values, or old and new ones."""
        if not entry.changes:
            return "–"
        text = json.dumps(entry.changes, indent=2, ensure_ascii=False)
        return format_html('<pre class="c-code">{}</pre>', text)
