"""The system messages there are, and how each is delivered unless a tenant says otherwise."""

from dataclasses import dataclass, replace
from types import MappingProxyType

from django.db import models


class TemplateKey(models.TextChoices):
    """The name of a system message; also on the wire as `info_note.key`."""

    WELCOME = "welcome_message", "Welcome"
    WAITING = "waiting_for_agent", "Waiting for an agent"
    REOPENED = "conversation_reopened", "Conversation reopened"
    REMINDER_5M = "unclaimed_reminder_5m", "First reminder for agents"
    REMINDER_15M = "unclaimed_reminder_15m_pin", "Second reminder for agents, pinned"
    CLOSED_HISTORY = "closed_history_note", "Note below a closed conversation"
    CLOSING = "closing_message", "Closing message"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with its way of delivery, ready to be rendered."""

    key: TemplateKey
    text: str
    enabled: bool = True
    to_customer_ws: bool = False
    to_customer_persist: bool = False
    to_telegram: bool = False
    pin_in_topic: bool = False
    # At most one per so many seconds and conversation; 0 for each time.
    rate_limit_seconds: int = 0

    def with_text(self, text: str) -> "Template":
        """The same delivery with other words."""
        return replace(self, text=text)


BUILT_IN = MappingProxyType(
    {
        template.key: template
        for template in (
            Template(
                TemplateKey.WELCOME,
                "",
                enabled=False,
                to_customer_ws=True,
                to_customer_persist=True,
            ),
            Template(
                TemplateKey.WAITING,
                "Thanks for writing. Somebody will be with you shortly.",
                to_customer_ws=True,
            ),
            Template(
                TemplateKey.REOPENED,
                "Good to hear from you again. We have reopened this conversation.",
                to_customer_ws=True,
                to_customer_persist=True,
            ),
            Template(
                TemplateKey.REMINDER_5M,
                "{customer_name} is waiting for an answer. Who can take this one?",
                to_telegram=True,
            ),
            Template(
                TemplateKey.REMINDER_15M,
                "{customer_name} is still waiting, and nobody has claimed yet.",
                to_telegram=True,
                pin_in_topic=True,
            ),
            Template(
                TemplateKey.CLOSED_HISTORY,
                "This conversation is closed. Write again any time to reopen it.",
            ),
            Template(
                TemplateKey.CLOSING,
                "We have closed this conversation. Write again any time to reopen it.",
                to_customer_persist=True,
            ),
        )
    }
)
