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
ALLOW_ANONYMOUS = specs.define(
    "telegram.allowAnonymousAdmins",
    description="Whether anonymous admins of the group may answer, under the support label.",
    default=lambda: True,
    validate=specs.boolean,
)
