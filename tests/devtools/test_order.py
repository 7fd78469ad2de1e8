"""Long files run first, so that all of xdist's workers end together."""

from devtools import paths
from devtools.pytest_order import in_order, long_groups


def test_long_files_go_first_and_groups_stay_together() -> None:
    groups = [("slow.py",), ("one.py", "two.py")]
    files = ["b.py", "two.py", "a.py", "one.py", "slow.py"]
    assert in_order(files, groups) == ["slow.py", "two.py", "one.py", "b.py", "a.py"]


def test_the_list_names_files_that_exist_each_once() -> None:
    listed = [file for group in long_groups() for file in group]
    assert listed
    assert [file for file in listed if not (paths.ROOT / file).is_file()] == []
    assert len(listed) == len(set(listed))
