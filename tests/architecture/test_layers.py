"""Who imports whom."""

import os
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from tests.architecture.sources import ROOT, all_sources


@pytest.mark.processes
def test_imports_keep_to_the_layers() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# They use the product, and nothing in it may use them: no layer.
_BESIDE = {"bench", "deploy", "tests"}


def _linter() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings: dict[str, Any] = tomllib.load(file)["tool"]["importlinter"]
    return settings


def test_every_package_has_its_layer() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - _BESIDE
    assert set(_linter()["root_packages"]) == packages
    layers = _linter()["contracts"][0]["layers"]
    assert {name for layer in layers for name in layer.split(" | ")} == packages


def test_the_page_about_the_architecture_shows_the_layers() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    layers = _linter()["contracts"][0]["layers"]
    assert "\n".join(layers) in page
    described = re.findall(r"^([a-z_0-9]+)/  ", page, re.MULTILINE)
    assert described == [name for layer in layers for name in layer.split(" | ")]


def test_only_realtime_talks_to_the_channel_layer() -> None:
    users = {
        source.path
        for source in all_sources()
        if any(name.startswith(("channels.layers", "channels_redis")) for name in source.imports())
    }
    assert users == {"conversations/socket/realtime.py"}


def test_there_are_no_drawers_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [
        source.path
        for source in all_sources()
        if drawers & set(source.path.removesuffix(".py").split("/"))
    ]
