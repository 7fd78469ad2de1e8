"""Asking before something happens that other people will notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`meaning` says what will happen, what is lost, and whether it can be undone.

    With `field`, the person also writes a line, which is posted as `answer`.
    """

    title: str
    meaning: str
    button: str
    is_dangerous: bool = False
    field: str = ""
    max_length: int = 200
