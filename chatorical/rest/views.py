"""The base of every admin call."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from chatorical.rest.authentication import ServiceTokenAuthentication
from chatorical.rest.principals import Principal
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
    # OPTIONS is answered by the gateway, where a browser asks; there is nothing else to tell.
    metadata_class = None

    tenant: Tenant
    actor: Actor

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
        return self.response

    def scope(self, principal: Principal) -> AbstractContextManager[Tenant]:
        """Where the call works."""
        return tenant_scope(principal.tenant_id)

    def _answer(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.initial(request, *args, **kwargs)
        name = (request.method or "").lower()
        known = name in self.http_method_names
        handler = getattr(self, name, None) if known else None
        if handler is None:
            handler = self.http_method_not_allowed
        principal: Any = request.user  # a Principal: authentication classes make no other
        self.actor = principal.actor
        with self.scope(principal) as self.tenant:
            return self.respond(handler, request, *args, **kwargs)

    def respond(
        self, handler: Callable[..., HttpResponseBase], request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Let the method answer; in the scope."""
        return handler(request, *args, **kwargs)


class ServiceView(TenantView):
    """A v1 call: with the service token, for the default tenant."""

    authentication_classes = (ServiceTokenAuthentication,)
