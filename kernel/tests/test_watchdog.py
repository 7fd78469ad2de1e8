"""When an activity counts as standing still."""

from kernel.watchdog import Activity


def counts(*checks: tuple[bool, bool]) -> list[int]:
    """What each check counts, given whether there was progress and whether servers were there."""
    found = []
    servers = [True]
    activity = Activity("work", lambda: servers[0])
    for has_progressed, servers[0] in checks:
        if has_progressed:
            activity.mark()
        found.append(activity.count_standstill())
    return found


def test_standing_still_counts_while_the_servers_are_there() -> None:
    assert counts(*[(False, True)] * 8) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_question_that_fails_ends_neither_the_watch_nor_the_process() -> None:
    def fail() -> bool:
        raise OSError("too many open files")

    activity = Activity("work", fail)
    assert max(activity.count_standstill() for _ in range(40)) == 5


def test_progress_begins_anew() -> None:
    assert counts(*[(False, True)] * 7, (True, True), (False, True)) == [1, 2, 3, 4, 5, 6, 7, 0, 1]


def test_an_outage_is_no_standstill_and_its_end_leaves_time_to_recover() -> None:
    outage = counts(*[(False, False)] * 40)
    assert max(outage) == 5
    assert counts(*[(False, True)] * 20, (False, False), (False, True)) == [*range(1, 21), 0, 1]
