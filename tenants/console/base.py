"""The base of every list and page in the console."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.paginator import InfinitePaginator

from kernel.errors import DomainError
from tenants import scope_state
from tenants.api_keys.scopes import Scope
from tenants.audit import Actor, ActorKind
from tenants.console.display import column, shown_tenant
from tenants.console.filters import TENANT
from tenants.console.forms import ServiceForm
from tenants.console.questions import Question
from tenants.errors import SealBroken
from tenants.models import Tenant, User
from tenants.scope import tenant_scope

Row = TypeVar("Row", bound=Model)
Perform = Callable[[Tenant, Row, Actor], bool]

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    class _Base(ModelAdmin[Row]):
        def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool: ...
        def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]: ...
else:
    from unfold.admin import ModelAdmin

    class _Base(ModelAdmin, Generic[Row]):
        pass


def staff_actor(request: HttpRequest) -> Actor:
    """The signed-in person as the audit trail knows them."""
    assert isinstance(request.user, User)
    kind = ActorKind.STAFF if request.user.is_superuser else ActorKind.MEMBER
    return Actor(kind, str(request.user.pk))


def only_tenant_id() -> UUID | None:
    """The tenant that the page is limited to; None for platform staff."""
    scope = scope_state.current()
    return None if scope is None else scope.tenant_id


def tenant_id_of(row: Model) -> UUID:
    """Whose scope changes this row."""
    if isinstance(row, Tenant):
        return row.pk
    tenant_id: UUID = row.__dict__["tenant_id"]
    return tenant_id


class StaffAdmin(_Base[Row]):
    """Rows are changed by services only, and nothing is ever deleted from here.

    Lists neither count their rows nor load all of them; pages offer the actions that fit the row.
    """

    actions_on_bottom = False
    compressed_fields = True
    list_disable_select_all = True
    list_filter_submit = True
    list_per_page = 50
    paginator = InfinitePaginator
    show_facets = ShowFacets.NEVER
    show_full_result_count = False
    warn_unsaved_form = True

    # What members need for reading and for changing rows; None: platform staff only.
    reading: ClassVar[Scope | None] = None
    writing: ClassVar[Scope | None] = None
    # May rows be added and edited through a form here?
    can_add: ClassVar[bool] = True
    can_edit: ClassVar[bool] = True
    empty_icon: ClassVar[str] = "inbox"
    empty_title: ClassVar[str] = "Nothing here yet"
    empty_text: ClassVar[str] = ""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """Nothing: the tenant's audit trail says it.

        Django's own log would hold the names of all tenants' rows in a table without a policy.
        """

    # Nor what is changed.
    log_change = log_addition  # type: ignore[assignment]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Adding needs a form that goes through a service."""
        return self.can_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Whether the page is a form; what its buttons need is `may_act`."""
        return self.can_edit and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Deleting loses history; there is an action for each thing that people mean by it."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Lists narrow by what their filters offer.

        Django takes any column of the row itself from the address, by which a hidden one, such as
        the hash of a key, could be guessed letter by letter.
        """
        name = lookup.partition("__")[0]
        if name in {field.name for field in self.model._meta.get_fields()}:
            offered = [one[0] if isinstance(one, tuple) else one for one in self.list_filter]
            if name not in (*offered, self.date_hierarchy):
                return False
        return super().lookup_allowed(lookup, value, request)

    def may_act(self, request: HttpRequest) -> bool:
        """Whether the person may use the actions of this model's rows."""
        return super().has_change_permission(request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the list: what has changed stands in the audit trail, and Django's log is kept empty.

        Who may not see the list learns nothing of its rows.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.list_address())

    def has_act_permission(self, request: HttpRequest) -> bool:
        """As `may_act`, under the name that list actions ask for."""
        return self.may_act(request)

    def get_form(
        self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Row]]:
        """Tell the form who is submitting it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if issubclass(form, ServiceForm):
            form.actor = staff_actor(request)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address fills in, as far as it could be a value of its field."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in given.items() if self._could_hold(name, value)}

    def _could_hold(self, name: str, value: object) -> bool:
        try:
            field = self.opts.get_field(name)
            if isinstance(field, ForeignKey):
                field.target_field.to_python(value)
        except FieldDoesNotExist:
            return True
        except ValidationError:
            return False
        return True

    def save_model(
        self, request: HttpRequest, obj: Row, form: forms.ModelForm[Row], change: bool
    ) -> None:
        """Nothing to do when the form's service has saved."""
        if not isinstance(form, ServiceForm):
            super().save_model(request, obj, form, change)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """A member has one tenant: there is nothing to choose."""
        filters = super().get_list_filter(request)
        return filters if only_tenant_id() is None else [f for f in filters if f != TENANT]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Nor is there anything to tell apart; staff see which tenants are suspended."""
        columns = super().get_list_display(request)
        if only_tenant_id() is not None:
            return [name for name in columns if name != "tenant"]
        return ["tenant_name" if name == "tenant" else name for name in columns]

    @column("Tenant", ordering="tenant__slug")
    def tenant_name(self, row: Row) -> str:
        """Its name, and that its customers are shut out where that is so."""
        tenant: Tenant = row.tenant  # type: ignore[attr-defined]
        return shown_tenant(tenant)

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Nor to search."""
        fields = super().get_autocomplete_fields(request)
        return fields if only_tenant_id() is None else [f for f in fields if f != "tenant"]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        """A member's rows belong to the member's tenant."""
        tenant_id = only_tenant_id()
        if tenant_id is not None and db_field.related_model is Tenant:
            kwargs |= {
                "queryset": Tenant.objects.filter(pk=tenant_id),
                "initial": tenant_id,
                "empty_label": None,
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Choosing is all that a choice offers: no pop-ups for adding or changing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One way to save is enough."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    # --- actions on one row ------------------------------------------------------------------

    def fitting_actions(self, row: Row) -> set[str]:
        """The paths of the page actions that make sense for the row as it is now."""
        return set()

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only what fits the row and the person."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.may_act(request):
            return []
        fitting = self.fitting_actions(row)
        offered = super().get_actions_detail(request, object_id)
        return [action for action in offered if action.path in fitting]

    def act(
        self,
        request: HttpRequest,
        object_id: str,
        perform: Perform[Row],
        *,
        question: Question,
        done: str,
        not_done: str = "Nothing has changed: another person was quicker.",
        goes_away: bool = False,
    ) -> HttpResponse:
        """Ask on GET, do it on POST in the scope of the row's tenant, and go back to the page.

        To the list, when the row `goes_away` by it.
        """
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            return HttpResponseRedirect(self.list_address())
        if not self.may_act(request):
            raise PermissionDenied
        if request.method != "POST" or not question.accepts(request.POST.get("answer", "")):
            return self.ask(request, question, back=self.page_address(row), row=row)
        if self._perform(request, row, perform):
            messages.success(request, done)
            return HttpResponseRedirect(
                self.list_address() if goes_away else self.page_address(row)
            )
        messages.warning(request, not_done)
        return HttpResponseRedirect(self.page_address(row))

    def act_on_selected(
        self,
        request: HttpRequest,
        rows: QuerySet[Row],
        perform: Perform[Row],
        *,
        question: Question,
        done: str,
    ) -> HttpResponse | None:
        """As `act` for the rows selected in a list; `done` gets their number as `{count}`."""
        is_accepted = question.accepts(request.POST.get("answer", ""))
        if "confirmed" not in request.POST or not is_accepted:
            hidden = [
                (name, value)
                for name in ("action", "_selected_action")
                for value in request.POST.getlist(name)
            ]
            back = request.get_full_path()
            hidden.append(("confirmed", "1"))
            return self.ask(request, question, back=back, hidden=hidden, selected=list(rows))
        count = sum(self._perform(request, row, perform) for row in rows)
        messages.success(request, done.format(count=count))
        skipped = len(rows) - count
        if skipped:
            messages.warning(request, f"{skipped} did not need it or could not be changed.")
        return None

    def _perform(self, request: HttpRequest, row: Row, perform: Perform[Row]) -> bool:
        try:
            with tenant_scope(tenant_id_of(row)) as tenant:
                return perform(tenant, row, staff_actor(request))
        except DomainError as refusal:
            messages.error(request, refusal.public_message)
        except SealBroken as broken:
            messages.error(request, f"The stored secrets cannot be opened: {broken}")
        return False

    def ask(
        self,
        request: HttpRequest,
        question: Question,
        *,
        back: str,
        row: Row | None = None,
        hidden: list[tuple[str, str]] | None = None,
        selected: list[Row] | None = None,
    ) -> HttpResponse:
        """A page with one question and two answers."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": question.title,
            "question": question,
            "back": back,
            "hidden": hidden or [],
            "selected": selected or [],
            "is_mistyped": bool(question.expected) and "answer" in request.POST,
        }
        return TemplateResponse(request, "console/question.html", context)

    # --- addresses ---------------------------------------------------------------------------

    def list_address(self) -> str:
        """Where the list is."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def page_address(self, row: Row) -> str:
        """Where the page of a row is."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
