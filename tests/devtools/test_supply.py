"""What is installed: nothing that is not pinned by its hashes, and a list of all of it."""

import json
import re
import shutil
from io import StringIO
from pathlib import Path

import pytest

from devtools import paths, supply
from devtools.console import Console

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(?P<version>\S+)")


def pins(name: str) -> dict[str, str]:
    """Package → version, in a file of requirements."""
    lines = (paths.ROOT / name).read_text().splitlines()
    found = [match for line in lines if (match := _PIN.match(line))]
    return {re.sub(r"[._]", "-", pin["name"]).lower(): pin["version"] for pin in found}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_is_asked_for_is_what_is_locked(name: str) -> None:
    locked = pins(f"{name}.txt")
    assert pins(f"{name}.in").items() <= locked.items(), "run ./dev lock"
    assert len(locked) > len(pins(f"{name}.in"))


def test_the_product_is_the_same_with_and_without_the_tools() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_has_hashes(name: str) -> None:
    text = (paths.ROOT / name).read_text().replace("\\\n", "")
    required = [line for line in text.splitlines() if line and line.lstrip()[0] != "#"]
    assert required
    for line in required:
        assert _PIN.match(line), line
        assert "--hash=sha256:" in line, line


def test_every_installation_asks_for_the_hashes() -> None:
    texts = [paths.ROOT / "Dockerfile", paths.ROOT / "README.md", *paths.ROOT.glob("docs/*.md")]
    texts += [path for path in paths.ROOT.glob("deploy/**/*") if path.is_file()]
    told = [
        command
        for path in texts
        for command in re.findall(
            r"pip install [^`\n&]*requirements", path.read_text().replace("\\\n", " ")
        )
    ]
    assert len(told) >= 3
    for command in told:
        assert "--require-hashes" in command
    done_by_dev = (paths.ROOT / "devtools" / "bootstrap.py").read_text()
    assert '"--require-hashes", "--requirement"' in done_by_dev


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js")
def test_the_list_names_what_the_product_is_made_of(tmp_path: Path) -> None:
    assert supply.sbom([str(tmp_path)], Console(StringIO())) == 0
    python = json.loads((tmp_path / "python.cdx.json").read_text())
    assert python["bomFormat"] == "CycloneDX"
    listed = {
        re.sub(r"[._]", "-", part["name"]).lower(): part["version"] for part in python["components"]
    }
    assert listed == pins("requirements.txt")
    widget = json.loads((tmp_path / "widget.cdx.json").read_text())
    assert widget["metadata"]["component"]["name"] == "widget"
