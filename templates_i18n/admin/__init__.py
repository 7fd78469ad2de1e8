"""Tenants' texts in the console."""

from templates_i18n.admin.saved_replies import SavedReplyAdmin
from templates_i18n.admin.templates import MessageTemplateAdmin
from templates_i18n.admin.translations import TranslationAdmin

__all__ = ["MessageTemplateAdmin", "SavedReplyAdmin", "TranslationAdmin"]
