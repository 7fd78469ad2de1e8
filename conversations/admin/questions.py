"""What is asked before a conversation moves on."""

from tenants.console import Question

CLOSE = Question(
    title="Close the conversation?",
    meaning="The customer gets the closing message and the Telegram topic is closed. Nothing is "
    "lost: writing again reopens it, and so can you.",
    button="Close conversation",
)
BLOCK = Question(
    title="Block this customer?",
    meaning="They can read what was said but not write any more in this conversation. The "
    "messages stay, and reopening lifts the block.",
    button="Block customer",
    is_dangerous=True,
)
BAN = Question(
    title="Ban this customer?",
    meaning="They are blocked, and cannot begin another conversation from the same address for "
    "some time, which the workspace sets (bans.days). Others who share that address cannot either. "
    "Reopening lifts it all.",
    button="Ban customer",
    is_dangerous=True,
)
REOPEN = Question(
    title="Reopen the conversation?",
    meaning="The customer sees that it is open again. Nobody has it then: agents find it in its "
    "Telegram topic and can claim it.",
    button="Reopen conversation",
)
