"""The settings of a tenant that the console's own pages ask for."""

from tenants import setting_specs

ALLOWED_ORIGINS = setting_specs.define(
    "allowedOrigins",
    description="Websites that may embed the widget; `*` allows every website.",
    default=list[str],
    validate=setting_specs.origins,
)
