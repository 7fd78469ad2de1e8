"""What one file says about another one is there."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_MENTION = re.compile(r"docs/[\w/-]+\.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchors(page: Path) -> set[str]:
    """The fragments that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    broken = []
    for match in _LINK.finditer(prose):
        target, _, fragment = (match[1] or match[2]).partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        linked = (page.parent / target).resolve() if target else page
        if not linked.exists() or (fragment and fragment not in anchors(linked)):
            broken.append(match[0])
    assert broken == []


def test_code_points_at_pages_that_exist() -> None:
    suffixes = {".py", ".yml", ".sh", ".conf", ".toml", ".example", ".js"}
    folders = {".venv", ".data", ".git", "node_modules", "dist"}
    missing = {
        f"{path.relative_to(ROOT)}: {mention}"
        for path in ROOT.rglob("*")
        if path.suffix in suffixes and not folders & set(path.parts) and path.is_file()
        for mention in _MENTION.findall(path.read_text(errors="replace"))
        if not (ROOT / mention).exists()
    }
    assert missing == set()
