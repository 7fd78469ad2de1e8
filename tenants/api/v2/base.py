"""The base of the v2 admin calls: an API key, a scope per kind of access, repeatable writes."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpResponseBase
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import InvalidParameter
from kernel.rest import fields
from kernel.rest.answers import Answer
from kernel.rest.preconditions import etag_of, require_match
from tenants import plan_limits, use_limits
from tenants.api.views import TenantView
from tenants.api_keys.drf import ApiKeyAuthentication, HasScope
from tenants.api_keys.principal import Principal
from tenants.api_keys.scopes import Scope
from tenants.errors import TenantSuspended
from tenants.idempotency import services as idempotency
from tenants.idempotency.models import IdempotentResponse
from tenants.models import Tenant
from tenants.scope import tenant_scope

_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def read(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body, checked; fields that it does not know are refused, lest a typo go unnoticed.

    Raises InvalidParameter and DRF's ValidationError, whose details name the fields.
    """
    given: Any = request.data
    unknown = sorted(set(given) - set(body().fields))
    if unknown:
        name = unknown[0][:64]
        raise InvalidParameter(f"{name}: There is no such field.", details={"field": name})
    return fields.read(body, request)


class ApiKeyView(TenantView):
    """A call of a tenant's own server.

    Subclasses name the scopes that reading and writing need. A writing call may carry an
    `Idempotency-Key`: the same one again, within a day, is answered as the first time and does
    nothing. Only what succeeded is kept.
    """

    authentication_classes = (ApiKeyAuthentication,)
    reading: ClassVar[Scope]
    writing: ClassVar[Scope | None] = None
    # What DELETE needs where that is more than `writing`.
    deleting: ClassVar[Scope | None] = None
    # Calls that say what a tenant has used, and how to get more, are not refused for it.
    is_counted: ClassVar[bool] = True
    # Writing calls that do an agent's work are counted, and never refused for the count.
    is_agents_work: ClassVar[bool] = False

    @property
    def caller(self) -> Principal:
        """The key that calls."""
        principal: Any = self.request.auth
        assert isinstance(principal, Principal)
        return principal

    def get_permissions(self) -> list[BasePermission]:
        """The key must hold the scope of the method."""
        is_deleting = self.request.method == "DELETE"
        writing = self.deleting if is_deleting and self.deleting else self.writing
        return [HasScope(self.reading, writing=writing)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the call, once it is known to be one that is allowed."""
        super().initial(request, *args, **kwargs)
        if self.is_counted:
            is_refusable = not (self.is_agents_work and request.method in _WRITING)
            use_limits.take_api_call(self.caller.tenant_id, is_refusable=is_refusable)

    def respond(
        self, handler: Callable[..., HttpResponseBase], request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer, or give the answer of the same call again."""
        with self._scope() as tenant:
            if request.method in _WRITING and not tenant.is_active:
                raise TenantSuspended()
            kept = self._claim(tenant, request)
            if kept is not None and kept.status:
                body = idempotency.body_of(tenant=tenant, kept=kept)
                return Response(body, kept.status, headers={"Idempotency-Replayed": "true"})
        response = handler(request, *args, **kwargs)
        if kept is not None and isinstance(response, Response):
            with self._scope() as tenant:
                idempotency.keep(
                    tenant=tenant, kept=kept, status=response.status_code, body=response.data
                )
        if plan_limits.of(tenant).counts:
            with self._scope() as tenant:
                for name, value in use_limits.usage_headers(tenant).items():
                    response.headers[name] = value
        return response

    def _scope(self) -> AbstractContextManager[Tenant]:
        """The call's own scope, or a short one where the view works in several.

        There a call that breaks off has kept no answer: the same one again goes on with the rest.
        """
        if self.has_own_scopes:
            return tenant_scope(self.principal.tenant_id)
        return nullcontext(self.tenant)

    def _claim(self, tenant: Tenant, request: Request) -> IdempotentResponse | None:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method not in _WRITING:
            return None
        return idempotency.claim(
            tenant=tenant,
            caller_id=self.caller.key_id,
            key=idempotency.validate_key(key),
            fingerprint=idempotency.fingerprint_of(
                method=request.method or "",
                address=request.get_full_path(),
                body=request._request.body,
            ),
        )

    def versioned(
        self, shown: Answer, status: int = HTTPStatus.OK, *, version_of: Answer | None = None
    ) -> Response:
        """A thing that people edit, with its version in `ETag`.

        `version_of` is the part of it that `require_unchanged` is given, where that is not all.
        """
        etag = etag_of(shown if version_of is None else version_of)
        return Response(shown, status, headers={"ETag": etag})

    def require_unchanged(self, shown: Answer) -> None:
        """Raises PreconditionFailed when the caller has read another version than this one.

        The row must be locked by now, or two callers could both find it unchanged.
        """
        require_match(self.request, etag_of(shown))
