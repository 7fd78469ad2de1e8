"""The settings of a tenant that shape its Telegram group."""

from tenants.settings import specs

TOPIC_ON = specs.define(
    "telegram.topicOn",
    description="When a topic is made: with the first message, or as soon as a chat is started.",
    default=lambda: "first_message",
    validate=specs.one_of("first_message", "start"),
)
IS_SILENT = specs.define(
    "telegram.silent",
    description="Whether the bot posts without sound.",
    default=lambda: True,
    validate=specs.boolean,
)
REMARK_PREFIX = specs.define(
    "telegram.remarkPrefix",
    description="What a message in a topic begins with to be a remark: for colleagues, never for "
    "the customer.",
    default=lambda: "//",
    validate=specs.shaped(
        r"(?!/$)[!-/:-@\[-`{-~]{1,8}",
        maximum=8,
        advice="Use 1 to 8 punctuation marks of ASCII, such as // or !!. A single / is for "
        "commands.",
    ),
)
ALLOW_ANONYMOUS = specs.define(
    "telegram.allowAnonymousAdmins",
    description="Whether anonymous admins of the group may answer, under the support label.",
    default=lambda: True,
    validate=specs.boolean,
)
