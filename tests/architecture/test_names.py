"""Names use the words of the glossary. Here are those that it replaces, and by what."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import Source, all_sources

# As a part of a name, between underscores or capitals.
INSTEAD = {
    "dialect": "protocol",
    "exposition": "metrics endpoint",
    "household": "directory",
    "lean": "fast",
    "manners": "server options",
    "narrow": "filter",
    "nudge": "wake-up",
    "parcel": "batch",
    "promise": "effect, outbox item",
    "weather": "faults",
}
# As the beginning of a constant's name.
_UPPER_BOUND = re.compile(r"_?(MAXIMUM|LONGEST|MOST)_")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _names(source: Source) -> Iterator[str]:
    yield from source.path.removesuffix(".py").split("/")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def _banned(name: str) -> set[str]:
    parts = {part.lower() for part in _PARTS.findall(name)}
    return (parts | {part.removesuffix("s") for part in parts}) & INSTEAD.keys()


def test_upper_bounds_begin_with_max() -> None:
    found = {
        f"{source.path}: {name}"
        for source in all_sources()
        for name in _names(source)
        if _UPPER_BOUND.match(name)
    }
    assert not found


def test_no_name_uses_a_word_that_the_glossary_replaces() -> None:
    found = {
        f"{source.path}: {name} ({', '.join(INSTEAD[word] for word in sorted(words))})"
        for source in all_sources()
        for name in _names(source)
        if (words := _banned(name))
    }
    assert not found
