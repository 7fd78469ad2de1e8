"""What is imported is declared, and what is declared is imported or named here with its use."""

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import packages_distributions

from tests.architecture.sources import ROOT, all_sources

# Declared, and imported by no line of the product: docs/adr/0014-packages.md says what they do.
NAMED_IN_SETTINGS = {"channels-redis", "daphne", "drf-spectacular-sidecar", "whitenoise"}
USED_BY_UVICORN = {"httptools", "uvloop", "websockets"}
NO_CALLS_YET = {"requests"}


def declared(name: str) -> set[str]:
    """The packages that a file of requirements asks for."""
    lines = (ROOT / name).read_text().splitlines()
    return {_canonical(line.split("==")[0].split("[")[0]) for line in lines if "==" in line}


def imported(trees: Iterable[ast.Module]) -> set[str]:
    """The packages from outside that are imported anywhere in them."""
    modules: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    own = {path.stem for path in ROOT.iterdir()}
    packages = packages_distributions()
    return {
        _canonical(packages[module][0]) for module in modules - own - set(sys.stdlib_module_names)
    }


def _canonical(name: str) -> str:
    return re.sub(r"[._]", "-", name.strip()).lower()


def test_the_product_declares_what_it_imports_and_nothing_else() -> None:
    used = imported(source.tree for source in all_sources())
    assert used | NAMED_IN_SETTINGS | USED_BY_UVICORN | NO_CALLS_YET == declared("requirements.in")
    assert not used & (NAMED_IN_SETTINGS | USED_BY_UVICORN | NO_CALLS_YET)


def test_tests_and_tools_declare_what_they_import() -> None:
    folders = [path.parent for path in ROOT.glob("*/__init__.py")]
    paths = [*ROOT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    assert len(paths) > 500
    used = imported(ast.parse(path.read_text()) for path in paths)
    assert used <= declared("requirements.in") | declared("requirements-dev.in")


def test_the_decision_tells_of_every_package_of_the_product() -> None:
    text = (ROOT / "docs" / "adr" / "0014-packages.md").read_text()
    named = {_canonical(name) for name in re.findall(r"`([A-Za-z0-9._-]+)`", text)}
    assert declared("requirements.in") <= named
