"""What a conversation is, in a page: the reference that the product is compared with."""

from dataclasses import dataclass, field
from typing import NamedTuple

from templates_i18n.keys import BUILT_IN, TemplateKey

UNCLAIMED, ASSIGNED, AWAITING = "OPEN_UNCLAIMED", "OPEN_ASSIGNED", "AWAITING_CUSTOMER"
CLOSED, BLOCKED = "CLOSED", "BLOCKED"
IN, OUT = "INBOUND", "OUTBOUND"

# Every way that a status may go, whatever made it go.
MOVES = {
    (UNCLAIMED, ASSIGNED),
    (ASSIGNED, AWAITING),
    (AWAITING, ASSIGNED),
    *((status, CLOSED) for status in (UNCLAIMED, ASSIGNED, AWAITING)),
    *((status, BLOCKED) for status in (UNCLAIMED, ASSIGNED, AWAITING, CLOSED)),
    # A claim reopens, in one step.
    *((CLOSED, status) for status in (UNCLAIMED, ASSIGNED)),
}


class Line(NamedTuple):
    """A message, as both sides may know it."""

    direction: str
    text: str


CLOSING = Line(OUT, BUILT_IN[TemplateKey.CLOSING].text)
REOPENED = Line(OUT, BUILT_IN[TemplateKey.REOPENED].text)


@dataclass
class Model:
    """One conversation: where it stands and what has been said."""

    status: str = UNCLAIMED
    lines: list[Line] = field(default_factory=list)

    def write(self, text: str) -> bool:
        """The customer writes; False when they are refused."""
        if self.status == BLOCKED:
            return False
        was_closed = self.status == CLOSED
        self.lines.append(Line(IN, text))
        if was_closed:
            self._move(UNCLAIMED)
            self.lines.append(REOPENED)
        elif self.status == AWAITING:
            self._move(ASSIGNED)
        return True

    def claim(self) -> None:
        """An agent takes it, a closed one too; nothing happens when an agent has it already."""
        if self.status == CLOSED:
            self.lines.append(REOPENED)
        if self.status in (UNCLAIMED, CLOSED):
            self._move(ASSIGNED)

    def reply(self, text: str) -> bool:
        """An agent writes; False when it does not reach the customer."""
        if self.status not in (ASSIGNED, AWAITING):
            return False
        self.lines.append(Line(OUT, text))
        if self.status == ASSIGNED:
            self._move(AWAITING)
        return True

    def close(self) -> None:
        """An agent ends it."""
        if self.status not in (CLOSED, BLOCKED):
            self._move(CLOSED)
            self.lines.append(CLOSING)

    def reopen(self) -> None:
        """An agent opens the topic again, which unblocks nobody."""
        if self.status == CLOSED:
            self._move(UNCLAIMED)
            self.lines.append(REOPENED)

    def block(self) -> None:
        """The customer may write no more."""
        if self.status != BLOCKED:
            self._move(BLOCKED)

    def _move(self, status: str) -> None:
        assert (self.status, status) in MOVES
        self.status = status
