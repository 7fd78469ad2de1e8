"""Asking before something happens that other people will notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`meaning` says what will happen, what is lost, and whether it can be undone.

    With `field`, the person also writes a line, which is posted as `answer`; where something is
    `expected` there, nothing else counts.
    """

    title: str
    meaning: str
    button: str
    is_dangerous: bool = False
    field: str = ""
    max_length: int = 200
    expected: str = ""

    def accepts(self, answer: str) -> bool:
        """Whether the button counts with this line."""
        return not self.expected or answer.strip().casefold() == self.expected.casefold()
