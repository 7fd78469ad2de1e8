"""Tenants, their people and settings, and who did what, in the console."""

from tenants.admin import audit, members, settings, tenants, users

__all__ = ["audit", "members", "settings", "tenants", "users"]
