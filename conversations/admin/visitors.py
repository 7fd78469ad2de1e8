"""Where a conversation's customer is, as the console's page shows it."""

from dataclasses import dataclass

from conversations.models import Conversation
from conversations.visitors import selectors
from conversations.visitors.wording import (
    Fact,
    attribute_facts,
    person_facts,
    visitor_facts,
)
from kernel.clock import now_ms

_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class VisitorLine:
    """A fact about a visitor."""

    name: str
    value: str
    # Whether the value is the address of a web page, which can be followed.
    is_link: bool


@dataclass(frozen=True, slots=True)
class VisitorCard:
    """What is known, by who says so: the browser, the tenant's server, and the page."""

    browser: list[VisitorLine]
    person: list[VisitorLine]
    attributes: list[VisitorLine]


def visitor_card(conversation: Conversation) -> VisitorCard | None:
    """What is known about a conversation's customer; None where no session has told anything."""
    visitor = selectors.find_visitor(conversation=conversation)
    if visitor is None:
        return None
    known = visitor_facts(visitor, locale=conversation.locale, now=now_ms())
    return VisitorCard(
        browser=[VisitorLine(name, value, value.startswith(_WEB)) for name, value in known],
        person=_as_text(person_facts(visitor)),
        attributes=_as_text(attribute_facts(visitor)),
    )


def _as_text(facts: list[Fact]) -> list[VisitorLine]:
    """Whatever people or pages have passed is text: a stranger's link is not one to follow."""
    return [VisitorLine(name, value, is_link=False) for name, value in facts]
