"""What `./dev` answers to words and options that it does not know."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devtools import paths
from devtools.testing import _workers as workers


def dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(paths.ROOT / "dev"), *arguments],
        cwd="/",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_unknown_word_is_one_line_and_the_list() -> None:
    done = dev("nonsense")
    assert done.returncode == 2
    first, *rest = done.stderr.splitlines()
    assert first == "./dev does not know the word 'nonsense'. It knows:"
    assert any("./dev demo" in line for line in rest)


def test_no_word_is_the_list() -> None:
    assert dev().stdout == dev("help").stdout
    assert "./dev test" in dev().stdout


@pytest.mark.parametrize("word", ["demo", "up"])
def test_an_unknown_option_is_refused(word: str, tmp_path: Path) -> None:
    done = dev(word, "--quickly", CHATORICAL_DATA_DIR=str(tmp_path))
    assert (done.returncode, "'--quickly'" in done.stderr) == (1, True)


def test_without_python_it_says_which_is_needed(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "cat", "cksum"):
        (tools / name).symlink_to(str(shutil.which(name)))
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    shutil.copy(paths.ROOT / "dev", checkout)
    done = subprocess.run(
        ["/bin/sh", str(checkout / "dev"), "demo"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Chatorical needs Python 3.11 or newer")


@pytest.mark.parametrize(
    ("arguments", "spread"),
    [
        ([], True),
        (["tests/devtools"], True),
        (["-k", "port"], True),
        (["tests/devtools/test_words.py::test_no_word_is_the_list"], False),
        (["-n0"], False),
        (["--pdb"], False),
    ],
)
def test_only_whole_runs_are_spread_over_the_cores(arguments: list[str], spread: bool) -> None:
    assert bool(workers(arguments)) == (spread and (os.cpu_count() or 1) > 1)
