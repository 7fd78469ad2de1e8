"""Opens a scope around each admin page: a member's own tenant, or the staff's console."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from tenants.models import Member, User
from tenants.scope import platform_scope, tenant_scope

_CHOSEN = "workspace"
_INVITATIONS = "/admin/invitations/"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def memberships_of(user: User) -> list[Member]:
    """Where a person works, with the tenants; the first one that has let them in comes first."""
    with platform_scope("admin membership look-up"):
        found = Member.objects.filter(user=user).select_related("tenant")
        return list(found.order_by("created_at", "id"))


def choose(request: HttpRequest, tenant_id: UUID) -> None:
    """Show this tenant from the next page on, as long as the person is its member."""
    request.session[_CHOSEN] = str(tenant_id)


class _PageFailed(Exception):
    """Carries the answer of a failed page out of the scope, whose transaction it rolls back."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


class AdminScopeMiddleware:
    """SaaS staff (superusers) work across tenants; a member sees one tenant that they belong to.

    An account with neither, such as a member who was removed a moment ago, is signed out.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, inside a scope where the page needs one."""
        # Who holds an invitation works for no tenant yet, or for another one.
        if not request.path.startswith("/admin") or request.path.startswith(_INVITATIONS):
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return self.get_response(request)
        try:
            return self._answer(request, user)
        except _PageFailed as failed:
            return failed.response

    def _answer(self, request: HttpRequest, user: User) -> HttpResponseBase:
        if user.is_superuser:
            with platform_scope("admin console"):
                return self._whole_or_nothing(request)
        memberships = memberships_of(user)
        if not memberships:
            logout(request)
            return self.get_response(request)
        # What was chosen is a wish; the membership is what counts, as it is now.
        chosen = request.session.get(_CHOSEN)
        member = next((m for m in memberships if str(m.tenant_id) == chosen), memberships[0])
        user.workspace_role = member.role
        user.workspace = member.tenant
        user.workspaces = [membership.tenant for membership in memberships]
        with tenant_scope(member.tenant_id):
            return self._whole_or_nothing(request)

    def _whole_or_nothing(self, request: HttpRequest) -> HttpResponseBase:
        """Django has turned a view's exception into an answer by now; what the view wrote before
        it must not be committed."""
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _PageFailed(response)
        return response
