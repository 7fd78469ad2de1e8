"""The product's own Python files as syntax trees, for rules that no linter knows."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "attachments",
    "billing",
    "channels_telegram",
    "chatorical",
    "conversations",
    "kernel",
    "outbox",
    "templates_i18n",
    "tenants",
)


@dataclass(frozen=True)
class Source:
    """One file; `path` is relative to the repository."""

    path: str
    tree: ast.Module

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def imports(self) -> set[str]:
        """The dotted names of all modules and members that it imports."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return found


@lru_cache(maxsize=1)
def all_sources() -> tuple[Source, ...]:
    """The product without its tests, and the files at the top that start it."""
    paths = [ROOT / "manage.py", *(ROOT / "deploy").rglob("*.py")]
    for package in PACKAGES:
        paths += (path for path in (ROOT / package).rglob("*.py") if "tests" not in path.parts)
    return tuple(
        Source(str(path.relative_to(ROOT)), ast.parse(path.read_text())) for path in sorted(paths)
    )


def called_name(call: ast.Call) -> str:
    """`f` of `f()`, `module.f()` and `object.f()`; empty for what has no name."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
