"""Files of messages, for the console's pages."""

from django import template

from conversations.attached import Attachment, shown
from conversations.models import Message

register = template.Library()


@register.filter
def attached(message: Message) -> list[Attachment]:
    """What is attached to the message, with addresses."""
    return shown(message)
