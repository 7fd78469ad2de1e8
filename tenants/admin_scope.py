"""Opens a scope around each admin page: a member's own tenant, or the staff's console."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from tenants.models import Member, User
from tenants.scope import platform_scope, tenant_scope

GetResponse = Callable[[HttpRequest], HttpResponseBase]


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
        if user.is_superuser:
            with platform_scope("admin console"):
                return self.get_response(request)
        with platform_scope("admin membership look-up"):
            member = Member.objects.filter(user=user).order_by("created_at").first()
        if member is None:
            return self.get_response(request)
        with tenant_scope(member.tenant_id):
            return self.get_response(request)
