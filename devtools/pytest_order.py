"""Pytest plugin (`-p devtools.pytest_order`): xdist's workers take long files first.

xdist hands out the files with the most tests first, so a file of one long test comes last, and all
workers but one wait for it. `tests/long_files.txt` lists the long ones, and which files share a
fixture that takes long to set up: those stay on one worker. What a file took is printed at the end
of a distributed run, in the form of that list.
"""

import os
from collections import Counter
from collections.abc import Sequence

import pytest

from devtools import paths

LIST = paths.ROOT / "tests" / "long_files.txt"
# Shorter ones need no order: they fill the gaps at the end.
LONG_SECONDS = 10


def long_groups() -> list[tuple[str, ...]]:
    """The files of each line of the list, longest first."""
    lines = (line.split() for line in LIST.read_text().splitlines() if line[:1].isdigit())
    found = sorted(lines, key=lambda line: -int(line[0]))
    return [tuple(files) for _, *files in found]


def in_order(files: Sequence[str], groups: Sequence[Sequence[str]]) -> list[str]:
    """`files` with those of `groups` first, each group together; the others stay as they are."""
    ranks = {file: rank for rank, group in enumerate(groups) for file in group}
    return sorted(files, key=lambda file: ranks.get(file, len(groups)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without xdist the caller's order holds."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    by_file: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(_file_of(item.nodeid), []).append(item)
    items[:] = [item for file in in_order([*by_file], long_groups()) for item in by_file[file]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """For `--dist loadfile`: in the order of the items, and a group is one piece of work."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    leaders = {file: group[0] for group in long_groups() for file in group}

    def leader_of(nodeid: str) -> str:
        return leaders.get(_file_of(nodeid), _file_of(nodeid))

    config.option.loadscopereorder = False
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = leader_of
    return scheduling


class _FileDurations:
    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[_file_of(report.nodeid)] += report.duration  # type: ignore[assignment]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = [
            f"{seconds:.0f} {file}"
            for file, seconds in self._seconds.most_common()
            if seconds >= LONG_SECONDS
        ]
        if lines:
            terminalreporter.section(f"files of {LONG_SECONDS} s and more")
            terminalreporter.write_line("\n".join(lines))


def pytest_configure(config: pytest.Config) -> None:
    """Only where xdist's reports come together."""
    if config.getoption("numprocesses", None):
        config.pluginmanager.register(_FileDurations())


def _file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]
