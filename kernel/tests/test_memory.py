"""When a process says that its memory is nearly used up."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kernel.memory import MemoryWatch, find_ceiling, used_by_this_process

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("own", "files", "ceiling"),
    [
        ("0::/\n", {"memory.max": "268435456", "memory.high": "max"}, 256 * MIB),
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "1048576"}, MIB),
        ("0::/a/b\n", {"a/b/memory.max": "2097152", "a/b/memory.high": "1048576"}, MIB),
        ("0::/a\n", {"a/memory.max": "max", "memory.high": "max"}, None),
        # Seen from within a container, whose path is the host's.
        ("0::/docker/123\n", {"memory.max": "1048576"}, MIB),
        ("5:cpu:/\n4:memory:/a\n", {"memory/a/memory.limit_in_bytes": "3145728"}, 3 * MIB),
        ("4:cpu,memory:/a\n", {"memory/a/memory.limit_in_bytes": "9223372036854771712"}, None),
        ("", {}, None),
    ],
)
def test_the_ceiling_is_the_smallest_limit(
    tmp_path: Path, own: str, files: dict[str, str], ceiling: int | None
) -> None:
    groups = tmp_path / "groups"
    for name, content in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(content + "\n")
    (tmp_path / "own").write_text(own)
    assert find_ceiling(groups, tmp_path / "own") == ceiling


@pytest.mark.parametrize(
    ("uses", "warnings"),
    [
        ([10, 79], 0),
        ([80], 1),
        ([80, 81, 79, 90], 1),
        ([80, 69, 80], 2),
    ],
)
def test_it_is_said_once_until_there_is_room_again(uses: list[int], warnings: int) -> None:
    used = iter(uses)
    watch = MemoryWatch(100 * MIB, lambda: next(used) * MIB)
    with capture_logs() as lines:
        for _ in uses:
            watch.check()
    assert len(lines) == warnings
    for line in lines:
        assert (line["event"], line["used_mib"]) == ("memory_near_ceiling", line["percent"])
        assert line["ceiling_mib"] == 100


def test_without_a_ceiling_nothing_is_said() -> None:
    MemoryWatch(None, lambda: 1 << 60).check()
    assert used_by_this_process() > MIB
