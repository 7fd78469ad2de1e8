"""Opens a scope around each admin page: a member's own tenant, or the staff's console."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from tenants.models import Member, User
from tenants.scope import platform_scope, tenant_scope

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class _PageFailed(Exception):
    """Carries the answer of a failed page out of the scope, whose transaction it rolls back."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


class AdminScopeMiddleware:
    """SaaS staff (superusers) work across tenants; a member sees the tenant of the membership.

    Somebody with neither gets no scope, so no tenant's rows can be read on their behalf.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, inside a scope where the page needs one."""
        if not request.path.startswith("/admin"):
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
        with platform_scope("admin membership look-up"):
            member = Member.objects.filter(user=user).order_by("created_at").first()
        if member is None:
            return self.get_response(request)
        with tenant_scope(member.tenant_id):
            return self._whole_or_nothing(request)

    def _whole_or_nothing(self, request: HttpRequest) -> HttpResponseBase:
        """Django has turned a view's exception into an answer by now; what the view wrote before
        it must not be committed."""
        response = self.get_response(request)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _PageFailed(response)
        return response
