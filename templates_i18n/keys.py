"""The system messages there are, and how each is delivered unless a tenant says otherwise."""

from dataclasses import dataclass, replace
from types import MappingProxyType

from django.db import models

from kernel.text import is_visible
from templates_i18n.catalogs import ENGLISH, MESSAGES
from templates_i18n.locales import fallbacks


class TemplateKey(models.TextChoices):
    """The name of a system message; also on the wire as `info_note.key`."""

    WELCOME = "welcome_message", "Welcome"
    WAITING = "waiting_for_agent", "Waiting for an agent"
    REOPENED = "conversation_reopened", "Conversation reopened"
    REMINDER_5M = "unclaimed_reminder_5m", "First reminder for agents"
    REMINDER_15M = "unclaimed_reminder_15m_pin", "Second reminder for agents, pinned"
    CLOSED_HISTORY = "closed_history_note", "Note below a closed conversation"
    CLOSING = "closing_message", "Closing message"


# Kept out of the history even when a template asks for it: it would be repeated there for ever.
NEVER_PERSISTED = frozenset({TemplateKey.WAITING})
# Said among agents, whose language is not the customer's.
FOR_AGENTS = frozenset({TemplateKey.REMINDER_5M, TemplateKey.REMINDER_15M})


@dataclass(frozen=True, slots=True)
class Template:
    """A text with its way of delivery, ready to be rendered."""

    key: TemplateKey
    text: str
    enabled: bool = True
    to_customer_ws: bool = False
    to_customer_persist: bool = False
    to_agents: bool = False
    pin: bool = False
    # At most one per so many seconds and conversation; 0 for each time.
    rate_limit_seconds: int = 0

    def with_text(self, text: str) -> "Template":
        """The same delivery with other words."""
        return replace(self, text=text)

    @property
    def is_kept(self) -> bool:
        """Whether it becomes a message of the conversation."""
        return self.to_customer_persist and self.key not in NEVER_PERSISTED

    @property
    def is_for_customers(self) -> bool:
        """Whether customers ever read it; reminders are among agents."""
        is_shown = self.to_customer_ws or self.is_kept or self.key == TemplateKey.CLOSED_HISTORY
        return self.enabled and is_shown and is_visible(self.text)


def _english(key: TemplateKey, **delivery: bool) -> Template:
    return Template(key, MESSAGES[ENGLISH][key], **delivery)


# In English, with the delivery of every language.
BUILT_IN = MappingProxyType(
    {
        template.key: template
        for template in (
            _english(
                TemplateKey.WELCOME,
                enabled=False,
                to_customer_ws=True,
                to_customer_persist=True,
            ),
            _english(TemplateKey.WAITING, to_customer_ws=True),
            _english(TemplateKey.REOPENED, to_customer_ws=True, to_customer_persist=True),
            _english(TemplateKey.REMINDER_5M, to_agents=True),
            _english(TemplateKey.REMINDER_15M, to_agents=True, pin=True),
            _english(TemplateKey.CLOSED_HISTORY),
            _english(TemplateKey.CLOSING, to_customer_persist=True),
        )
    }
)


def built_in(key: TemplateKey, locale: str) -> Template:
    """The product's own template: in the exact locale, its language, else in English."""
    for candidate in (*fallbacks(locale), ENGLISH):
        if candidate in MESSAGES:
            return BUILT_IN[key].with_text(MESSAGES[candidate][key])
    return BUILT_IN[key]
