"""The base of every admin call."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants.api.authentication import ServiceTokenAuthentication
from tenants.api.principals import Principal
from tenants.audit import Actor
from tenants.models import Tenant
from tenants.scope import tenant_scope


class TenantView(APIView):
    """One address. The method that answers runs in the scope of the caller's tenant.

    The scope is a transaction: what a refused call has written is taken back. `tenant` and `actor`
    are set while it runs. Subclasses say who may call by `authentication_classes` and
    `permission_classes`.
    """

    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    # Whether the methods open scopes as they go: for work that takes long or waits for others.
    has_own_scopes = False
    # OPTIONS is answered by the gateway, where a browser asks; there is nothing else to tell.
    http_method_names = ("get", "head", "post", "put", "patch", "delete")

    principal: Principal
    actor: Actor
    # Set within the scope.
    tenant: Tenant

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the caller, open the scope, answer; errors become the envelope."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            response: Any = self._answer(self.request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 (the edge: a stack trace never leaves)
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        self.response.headers.setdefault("Cache-Control", "no-store")
        if self.response.streaming and not connection.in_atomic_block:
            # Its reader may take long, and this thread needs the database no more.
            connection.close()
        return self.response

    def _answer(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.initial(request, *args, **kwargs)
        name = (request.method or "").lower()
        known = name in self.http_method_names
        handler = getattr(self, name, None) if known else None
        if handler is None:
            handler = self.http_method_not_allowed
        caller: Any = request.user  # a Principal: authentication classes make no other
        self.principal, self.actor = caller, caller.actor
        if self.has_own_scopes:
            return self.respond(handler, request, *args, **kwargs)
        with tenant_scope(self.principal.tenant_id) as self.tenant:
            return self.respond(handler, request, *args, **kwargs)

    def respond(
        self, handler: Callable[..., HttpResponseBase], request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Let the method answer; in the scope, where the view has not its own ones."""
        return handler(request, *args, **kwargs)


class ServiceView(TenantView):
    """A v1 call: with the service token, for the default tenant."""

    authentication_classes = (ServiceTokenAuthentication,)
