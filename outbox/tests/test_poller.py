"""The life of a worker's poller."""

import pytest

from outbox import poller
from outbox.dispatcher import Drain
from outbox.poller import Poller


def test_a_worker_that_is_ready_again_goes_on_with_the_same_poller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drain = Drain(senders=1, kinds=["none"])
    monkeypatch.setattr(poller, "process_drain", lambda: drain)
    running = Poller()
    running.start()
    running.start()
    running.stop()
    running.join()
    running.start()
    assert drain.is_stopping
