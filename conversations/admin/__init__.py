"""Conversations and agents in the console."""

from conversations.admin import agents, conversations

__all__ = ["agents", "conversations"]
