"""The settings of a tenant that shape its conversations."""

from tenants import setting_specs

SUPPORT_LABEL = setting_specs.define(
    "support.label",
    description="The name on answers when the agent's own name is not shown.",
    default=lambda: "Support",
    validate=setting_specs.text(maximum=64),
)
ALLOWED_ORIGINS = setting_specs.define(
    "allowedOrigins",
    description="Websites that may embed the widget; `*` allows every website.",
    default=list[str],
    validate=setting_specs.origins,
)
