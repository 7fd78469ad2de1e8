"""What `./dev` answers to words and options that it does not know."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import paths
from devtools.testing import QUICK_FOLDERS
from devtools.testing import _chosen as chosen
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


def test_quick_names_folders_unless_the_caller_does() -> None:
    folders = [str(paths.ROOT / folder) for folder in QUICK_FOLDERS]
    assert chosen(["--quick", "-x"]) == ["-m", "not processes", "-x", *folders]
    named = str(paths.ROOT / "kernel")
    assert chosen(["--quick", named]) == ["-m", "not processes", named]
    assert chosen(["-x", named]) == ["-x", named]
    assert all((paths.ROOT / folder).is_dir() for folder in QUICK_FOLDERS)


def test_quick_leaves_out_what_starts_a_program() -> None:
    by_fixture, by_mark = "tests/operations/test_stuck_rows.py", "chatorical/tests/test_starting.py"
    files = [by_fixture, by_mark, "kernel/tests/test_text.py"]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    done = subprocess.run(
        [*command, *chosen(["--quick", *files])],
        cwd=paths.ROOT,
        # The run's own options would change what is printed.
        env={name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert collected == {"kernel/tests/test_text.py"}


def test_quick_files_that_start_programs_say_so() -> None:
    for folder in QUICK_FOLDERS:
        for file in (paths.ROOT / folder).rglob("test_*.py"):
            source = file.read_text()
            if "import subprocess" in source:
                assert "pytest.mark.processes" in source, file
