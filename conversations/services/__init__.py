"""Everything that can happen to a conversation: one function each, its own transaction."""

from conversations.services.agents import register_agent, see_agent, set_agent_enabled
from conversations.services.claiming import claim_conversation
from conversations.services.details import (
    bind_thread,
    change_codename,
    change_locale,
    change_note,
    rename_customer,
)
from conversations.services.lifecycle import (
    block_conversation,
    close_conversation,
    reopen_conversation,
)
from conversations.services.messaging import (
    add_agent_reply,
    add_customer_message,
    add_system_message,
    edit_agent_reply,
)
from conversations.services.starting import start_conversation

__all__ = [
    "add_agent_reply",
    "add_customer_message",
    "add_system_message",
    "bind_thread",
    "block_conversation",
    "change_codename",
    "change_locale",
    "change_note",
    "claim_conversation",
    "close_conversation",
    "edit_agent_reply",
    "register_agent",
    "rename_customer",
    "reopen_conversation",
    "see_agent",
    "set_agent_enabled",
    "start_conversation",
]
