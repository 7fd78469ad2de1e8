"""The worker's own sweep and its life."""

from outbox.poller import Sweep


def test_a_worker_that_is_ready_again_goes_on_with_the_same_sweep() -> None:
    sweep = Sweep()
    sweep.start()
    sweep.start()
    sweep.stop()
    sweep.join()
    sweep.start()
