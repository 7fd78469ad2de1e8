"""Tenants, their people and settings, and who did what, in the console."""

from tenants.admin import api_keys, audit, invitations, members, settings, tenants, users

__all__ = ["api_keys", "audit", "invitations", "members", "settings", "tenants", "users"]
