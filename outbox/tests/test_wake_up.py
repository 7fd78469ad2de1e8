"""Wake-ups: one on its way is enough, however many are wished for."""

from collections.abc import Iterator

import pytest
from celery import current_app

from outbox import wake_up
from outbox.wake_up import _Waker


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_options: names.append(name))
    monkeypatch.setattr(wake_up, "key", lambda name: f"test-of-wake-ups:{id(names)}:{name}")
    yield names
    wake_up.note_begun()


def test_no_heap_of_wake_ups_grows_while_no_worker_runs(sent: list[str]) -> None:
    for _ in range(20):
        _Waker._publish("")
    assert len(sent) == 1


def test_a_drain_that_begins_makes_room_for_the_next_one(sent: list[str]) -> None:
    _Waker._publish("")
    wake_up.note_begun()
    _Waker._publish("")
    assert len(sent) == 2
