"""The settings of a tenant that the console's own pages ask for."""

from tenants.settings import specs

ALLOWED_ORIGINS = specs.define(
    "allowedOrigins",
    description="Websites that may embed the widget; `*` allows every website.",
    default=list[str],
    validate=specs.origins,
)
