"""Everything that can happen to a conversation: one function each.

They run in the caller's tenant scope, which is a transaction: what one function writes and what its
subscribers write stands or falls together. They check before they write, so a caller may catch a
refusal and go on in the same scope.
"""

from conversations.services.agents import register_agent, see_agent, set_agent_enabled
from conversations.services.claiming import claim_conversation
from conversations.services.deleting import delete_conversation, delete_conversations
from conversations.services.editing import (
    bind_thread,
    change_codename,
    change_locale,
    change_note,
    rename_customer,
)
from conversations.services.erasure import erase_customer
from conversations.services.legal_hold import lift_legal_hold, place_legal_hold
from conversations.services.lifecycle import (
    block_conversation,
    close_conversation,
    reopen_conversation,
)
from conversations.services.messaging import (
    add_agent_reply,
    add_customer_message,
    add_system_message,
    delete_agent_reply,
    edit_agent_reply,
)
from conversations.services.receipts import (
    note_delivered_to_agents,
    note_receipts_of_customer,
    note_seen_by_agents,
)
from conversations.services.remarks import add_remark, edit_remark
from conversations.services.starting import start_conversation

__all__ = [
    "add_agent_reply",
    "add_customer_message",
    "add_remark",
    "add_system_message",
    "bind_thread",
    "block_conversation",
    "change_codename",
    "change_locale",
    "change_note",
    "claim_conversation",
    "close_conversation",
    "delete_agent_reply",
    "delete_conversation",
    "delete_conversations",
    "edit_agent_reply",
    "edit_remark",
    "erase_customer",
    "lift_legal_hold",
    "note_delivered_to_agents",
    "note_receipts_of_customer",
    "note_seen_by_agents",
    "place_legal_hold",
    "register_agent",
    "rename_customer",
    "reopen_conversation",
    "see_agent",
    "set_agent_enabled",
    "start_conversation",
]
