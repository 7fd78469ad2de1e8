"""docs/settings.md and .env.example name what the code reads, all of it and nothing else."""

import re
from importlib import import_module

from chatorical.env import env
from tenants.settings import specs
from tests.architecture.sources import ROOT, all_sources, called_name

PAGE = (ROOT / "docs" / "settings.md").read_text()
ENVIRONMENT, _, REST = PAGE.partition("## Names of other programs")
_, _, TENANTS = REST.partition("## A tenant's own")


def first_cells(part: str) -> list[str]:
    """What stands in code in the first cells of a part's tables."""
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


def test_the_page_lists_every_name_of_the_environment_once() -> None:
    assert sorted(first_cells(ENVIRONMENT)) == sorted(env.known)


def test_the_page_lists_every_setting_of_a_tenant_once() -> None:
    for source in all_sources():
        # They register themselves when they are imported.
        if any(called_name(call) == "define" for call in source.calls()):
            import_module(source.path.removesuffix(".py").replace("/", "."))
    assert sorted(first_cells(TENANTS)) == sorted(specs.all_specs())


def test_the_example_file_lists_every_name_once() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = [match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z][A-Z0-9_]+)=", line))]
    assert sorted(names) == sorted(env.known)
