"""Where a conversation's customer is, as the console's page shows it."""

from dataclasses import dataclass

from conversations.models import Conversation
from conversations.visitors import selectors
from conversations.visitors.wording import attribute_facts, visitor_facts
from kernel.clock import now_ms

_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class VisitorLine:
    """A fact about a visitor."""

    name: str
    value: str
    # Whether the value is the address of a web page, which can be followed.
    is_link: bool


def visitor_lines(conversation: Conversation) -> tuple[list[VisitorLine], list[VisitorLine]]:
    """What the browser tells, and what the page has passed; nothing where no session has."""
    visitor = selectors.find_visitor(conversation=conversation)
    if visitor is None:
        return [], []
    known = visitor_facts(visitor, locale=conversation.locale, now=now_ms())
    return (
        [VisitorLine(name, value, value.startswith(_WEB)) for name, value in known],
        # Whatever a page has passed is text: a link of a stranger's is not one to follow.
        [VisitorLine(name, value, is_link=False) for name, value in attribute_facts(visitor)],
    )
