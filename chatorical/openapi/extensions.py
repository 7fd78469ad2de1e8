"""How credentials are described; drf-spectacular finds these classes by themselves."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ServiceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The installation's own secret."""

    target_class = "tenants.api.authentication.ServiceTokenAuthentication"
    match_subclasses = True
    name = "serviceToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """A header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-Internal-Auth",
            "description": "The installation's `SERVICE_TOKEN`.",
        }


class PlatformScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The installation's own secret, in either of two headers."""

    target_class = "tenants.api.authentication.PlatformAuthentication"
    priority = 1
    name = ["platformToken", "platformBearer"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, Any]]:
        """As v1 has it, or as the rest of v2 has its keys."""
        meaning = "The installation's `SERVICE_TOKEN`."
        return [
            {"type": "apiKey", "in": "header", "name": "X-Internal-Auth", "description": meaning},
            {"type": "http", "scheme": "bearer", "description": meaning},
        ]


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A tenant's API key, in either of two headers."""

    target_class = "tenants.api_keys.drf.ApiKeyAuthentication"
    name = ["apiKeyBearer", "apiKeyHeader"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, Any]]:
        """Bearer, or `X-API-Key`."""
        meaning = "An API key of the tenant. It must hold the scope that the call needs."
        return [
            {"type": "http", "scheme": "bearer", "description": meaning},
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": meaning},
        ]
