"""Asking before something happens that other people will notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`meaning` says what will happen, what is lost, and whether it can be undone."""

    title: str
    meaning: str
    button: str
    is_dangerous: bool = False
