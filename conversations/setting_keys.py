"""The settings of a tenant that shape its conversations."""

from django.conf import settings

from tenants.settings import specs

SUPPORT_LABEL = specs.define(
    "support.label",
    description="The name on answers when the agent's own name is not shown.",
    default=lambda: "Support",
    validate=specs.text(maximum=64),
)
REPLIES_FROM = specs.define(
    "replies.from",
    description="Whose answers reach the customer of a claimed conversation: everybody's, or only "
    "those of the agent who has claimed it.",
    default=lambda: "everybody",
    validate=specs.one_of("everybody", "claimer"),
)
REMINDER_1_MS = specs.define(
    "timers.reminder1Ms",
    description="After how many milliseconds agents are reminded of a customer whom nobody has "
    "claimed; 0 for never.",
    default=lambda: settings.UNCLAIMED_REMINDER_1_MS,
    validate=specs.integer(minimum=0, maximum=settings.MAX_TIMER_MS),
)
REMINDER_2_MS = specs.define(
    "timers.reminder2Ms",
    description="After how many milliseconds they are reminded again, with a pinned post; 0 for "
    "never.",
    default=lambda: settings.UNCLAIMED_REMINDER_2_MS,
    validate=specs.integer(minimum=0, maximum=settings.MAX_TIMER_MS),
)
RETENTION_DAYS = specs.define(
    "retention.closed.days",
    description="For how many days a closed conversation is kept before it is deleted with its "
    "messages and its topic; 0 for ever.",
    default=lambda: settings.RETENTION_DAYS,
    validate=specs.integer(minimum=0, maximum=settings.MAX_RETENTION_DAYS),
)
AUTO_CLOSE_MS = specs.define(
    "timers.autoCloseMs",
    description="After how many milliseconds of silence a conversation is closed; 0 for never.",
    default=lambda: settings.AUTO_CLOSE_WINDOW_MS,
    validate=specs.integer(minimum=0, maximum=settings.MAX_TIMER_MS),
)
BAN_DAYS = specs.define(
    "bans.days",
    description="For how many days a banned customer cannot begin a conversation anew from the "
    "same address.",
    default=lambda: 30,
    validate=specs.integer(minimum=1, maximum=365),
)
SESSION_DAYS = specs.define(
    "sessions.days",
    description="How many days after its last use a visitor's browser finds its conversation "
    "again. A change counts from a session's next use.",
    default=lambda: 30,
    validate=specs.integer(minimum=1, maximum=365),
)
V1_TOKEN_SECONDS = specs.define(
    "sessions.v1TokenSeconds",
    description="For how many seconds a conversation that an older widget has started can be "
    "written in: that widget cannot renew its token. It lies in the browser for as long.",
    default=lambda: 3600,
    validate=specs.integer(minimum=60, maximum=30 * 86_400),
)
FORGETTING_ERASES = specs.define(
    "sessions.forgettingErases",
    description="Whether a visitor who asks to be forgotten has the conversation erased. "
    "Otherwise only their browser forgets it.",
    default=lambda: False,
    validate=specs.boolean,
)
KEEPS_PAGE_QUERY = specs.define(
    "visitors.pageQuery",
    description="Whether the part after the ? of a page's address is stored and shown to agents. "
    "Leave it off where such addresses can carry what opens an account.",
    default=lambda: False,
    validate=specs.boolean,
)
KEEPS_IP_ADDRESS = specs.define(
    "visitors.ipAddress",
    description="Whether a visitor's IP address is stored with the conversation and shown to "
    "agents. It is personal data.",
    default=lambda: False,
    validate=specs.boolean,
)
IDENTITY_MODE = specs.define(
    "identity.mode",
    description="Whether your pages say who their visitor is, with a token that your server signs: "
    "off, optional, or required to begin a conversation.",
    default=lambda: "off",
    validate=specs.one_of("off", "optional", "required"),
)
