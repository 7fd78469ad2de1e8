"""Beat's schedule follows the clock, whichever way it is put."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chatorical.celery import app
from chatorical.worker.broker import Scheduler

HOUR = timedelta(hours=1)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    scheduler = Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    yield scheduler
    scheduler.close()


def test_a_clock_that_is_put_back_stops_nothing(scheduler: Scheduler) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + HOUR
    assert scheduler.tick() <= 1.0, "the most frequent task is due within its second"
    runs = [(entry.last_run_at, entry.default_now()) for entry in scheduler.schedule.values()]
    assert all(last is not None and last <= now for last, now in runs)


def test_a_schedule_that_was_kept_while_the_clock_was_ahead_is_followed(
    scheduler: Scheduler, tmp_path: Path
) -> None:
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() + HOUR
    scheduler.close()
    restarted = Scheduler(app=app, schedule_filename=str(tmp_path / "schedule"))
    assert restarted.tick() <= 1.0
    restarted.close()
