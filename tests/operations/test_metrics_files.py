"""The metrics' files outlive a full disk and a crash; the product does not depend on them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatorical.metrics.metrics_files import read_values, write_values
from tests.processes import ROOT

KEY = '["jobs", "jobs_total", {"kind": "%s"}, "Jobs."]'
COUNT = """
import sys
from pathlib import Path
from chatorical.metrics import process_metrics
process_metrics.set_up(Path(sys.argv[1]), "worker")
from prometheus_client import Counter, generate_latest, CollectorRegistry
jobs = Counter("jobs", "Jobs.", ["kind"])
for number in range(int(sys.argv[2])):
    jobs.labels(f"kind {number:060}").inc()
shared = process_metrics.shared()
families = shared.collect() if shared else []
jobs_seen = [sample.value for it in families if it.name == "jobs" for sample in it.samples]
print(sum(jobs_seen) if shared else "alone")
"""


def count(directory: Path, kinds: int) -> str:
    """A process that counts one job of each kind; returns the sum that it then sees."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(directory), str(kinds)],
        cwd=ROOT,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    return done.stdout.splitlines()[-1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    mounted = tmp_path / "small"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mounted)], check=True)
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def test_processes_that_have_ended_are_counted_once(tmp_path: Path) -> None:
    assert [count(tmp_path, 3) for _ in range(4)] == ["3.0", "6.0", "9.0", "12.0"]
    assert len(list(tmp_path.glob("counter_*.db"))) == 2, "those that ended, and the last one"


def test_a_full_disk_ends_no_process(small_disk: Path) -> None:
    assert count(small_disk, 5) == "5.0"
    # 5,000 series need more than a megabyte.
    assert count(small_disk, 5_000)
    with (small_disk / "rubbish").open("wb", buffering=0) as rubbish:
        rubbish.truncate(10_000)
    assert count(small_disk, 5)


def test_without_any_room_a_process_counts_for_itself(small_disk: Path) -> None:
    with (
        (small_disk / "rubbish").open("wb", buffering=0) as rubbish,
        pytest.raises(OSError, match="space"),
    ):
        while True:
            rubbish.write(b"x" * 4096)
    assert count(small_disk / "metrics", 5) in {"alone", "0"}


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x40", b"\xff\xff\xff\x7f" + b"\0" * 5000, b"\x40\0\0\0" + b"\0" * 5000],
    ids=["empty", "cut", "beyond its end", "torn"],
)
@pytest.mark.parametrize("name", ["counter_ended.db", "counter_worker-4711.db"])
def test_a_damaged_file_is_left_out(tmp_path: Path, name: str, damage: bytes) -> None:
    assert count(tmp_path, 3) == "3.0"
    (tmp_path / name).write_bytes(damage)
    assert count(tmp_path, 3) in {"3.0", "6.0"}
    assert count(tmp_path, 3) in {"6.0", "9.0"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {KEY % ("x" * number): float(number) for number in range(2_000)}
    file = tmp_path / "counter_ended.db"
    assert write_values(values, file)
    assert read_values(file) == values
