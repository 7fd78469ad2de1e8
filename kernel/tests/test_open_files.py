"""When a process says that it may soon open no more files."""

import os

import pytest
from structlog.testing import capture_logs

from kernel.open_files import OpenFilesWatch, count_of_this_process


@pytest.mark.parametrize(
    ("counts", "limit", "warnings"),
    [
        ([10, 79], 100, 0),
        ([80], 100, 1),
        ([80, 100, 79, 90], 100, 1),
        ([80, 69, 80], 100, 2),
        # RLIM_INFINITY.
        ([80], -1, 0),
    ],
)
def test_it_is_said_once_until_there_is_room_again(
    counts: list[int], limit: int, warnings: int
) -> None:
    used = iter(counts)
    watch = OpenFilesWatch(lambda: limit, lambda: next(used))
    with capture_logs() as lines:
        for _ in counts:
            watch.check()
    assert len(lines) == warnings
    for line in lines:
        assert (line["event"], line["limit"]) == ("files_near_limit", limit)


def test_what_is_open_is_counted() -> None:
    before = count_of_this_process()
    reader, writer = os.pipe()
    try:
        assert count_of_this_process() == before + 2
    finally:
        os.close(reader)
        os.close(writer)
