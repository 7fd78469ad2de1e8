"""Two runs never share a data directory by accident."""

from pathlib import Path

import pytest

from devtools import instance
from devtools.errors import AlreadyRunning


def test_a_second_run_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    with (
        instance.owned(tmp_path, "demo"),
        pytest.raises(AlreadyRunning, match=r"\./dev demo \(pid \d+\) already uses"),
        instance.owned(tmp_path, "demo"),
    ):
        pass
    assert not instance.is_owned(tmp_path)


def test_test_runs_side_by_side_get_directories_of_their_own(tmp_path: Path) -> None:
    with (
        instance.owned_test_directory(tmp_path, "test") as first,
        instance.owned_test_directory(tmp_path, "test") as second,
    ):
        assert (first.name, second.name) == ("test", "test-2")
        assert instance.is_owned(first)
    with instance.owned_test_directory(tmp_path, "test") as again:
        assert again == first
