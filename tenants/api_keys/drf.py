"""API keys for Django REST framework: who calls, and whether they may."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from kernel.errors import Unauthorized
from kernel.http import address_of
from tenants.api_keys import authentication
from tenants.api_keys.principal import Principal
from tenants.api_keys.scopes import Scope
from tenants.resolution import Hints, resolve


class ApiKeyAuthentication(BaseAuthentication):
    """`request.user` and `request.auth` are the key's `Principal`; there is no call without one.

    The refusals of `authentication.authenticate` and TenantMismatch leave as they are: the view's
    exception handler has to make answers of DomainErrors.
    """

    def authenticate(self, request: Request) -> tuple[Principal, Principal]:
        """The tenant is the key's, and nothing else in the request may name another."""
        principal = authentication.authenticate(request.headers, address=address_of(request))
        hints = Hints.of_request(request).without_api_key()
        resolve(hints, from_token=principal.tenant_id)
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says is wanted."""
        return "Bearer"


class HasScope(BasePermission):
    """Lets in keys with a scope: `permission_classes = (HasScope(Scope.SETTINGS_READ),)`.

    With `writing`, methods that change something need that scope instead. Raises InsufficientScope.
    """

    def __init__(self, scope: Scope, *, writing: Scope | None = None) -> None:
        self._reading = scope
        self._writing = writing or scope

    def __call__(self) -> "HasScope":
        """Itself: the framework calls each entry of `permission_classes` to get a permission."""
        return self

    def scope_for(self, method: str | None) -> Scope:
        """Which scope a method needs."""
        return self._reading if method in SAFE_METHODS else self._writing

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or the refusal that names what is missing."""
        if not isinstance(request.auth, Principal):
            raise Unauthorized()
        request.auth.require_scope(self.scope_for(request.method))
        return True
