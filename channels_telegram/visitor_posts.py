"""What the topic says about a conversation's visitor: where they are, and what the page tells."""

from dataclasses import dataclass
from datetime import datetime

from conversations.models import Conversation
from conversations.visitors.models import Visitor
from conversations.visitors.wording import attribute_facts, person_facts, visitor_facts
from kernel.text import split_utf16, utf16_length

# Of one line, in UTF-16 units: with a handful of addresses and this much of attributes, the whole
# is far from Telegram's 4096.
_MAX_LINE = 400
_MAX_ATTRIBUTES = 1500
# Something stands before what is shown as code.
_PAGE_SAYS = "The page says:\n"


@dataclass(frozen=True, slots=True)
class VisitorPost:
    """Plain text; from `code_from` on, in UTF-16 units, Telegram makes no links. 0: everywhere."""

    text: str = ""
    code_from: int = 0

    def after(self, head: str) -> "VisitorPost":
        """The same below other words."""
        if not self.text:
            return VisitorPost(head)
        start = f"{head}\n\n"
        shift = utf16_length(start) if self.code_from else 0
        return VisitorPost(start + self.text, self.code_from + shift)


def visitor_post(
    visitor: Visitor | None, conversation: Conversation, *, now: datetime
) -> VisitorPost:
    """What is known, a line each; empty where nothing is.

    A page may have passed what Telegram would make a link, a mention or a command, and so may
    people as their names: those are shown as code, in which there are none.
    """
    if visitor is None:
        return VisitorPost()
    facts = visitor_facts(visitor, locale=conversation.locale, now=now)
    known = "\n".join(_line(name, value) for name, value in facts)
    attributes = _attributes(visitor)
    if not attributes:
        return VisitorPost(known)
    head = f"{known}\n\n" if known else _PAGE_SAYS
    return VisitorPost(head + attributes, utf16_length(head))


def _attributes(visitor: Visitor) -> str:
    lines: list[str] = []
    facts = [*person_facts(visitor), *attribute_facts(visitor)]
    room = _MAX_ATTRIBUTES
    for name, value in facts:
        line = _line(name, value)
        room -= utf16_length(line) + 1
        if room < 0:
            lines.append(f"… and {len(facts) - len(lines)} more in the console")
            break
        lines.append(line)
    return "\n".join(lines)


def _line(name: str, value: str) -> str:
    line = f"{name}: {value}"
    pieces = split_utf16(line, _MAX_LINE)
    return line if len(pieces) == 1 else f"{pieces[0]}…"
