"""The machine of a subscription's states, walked at random."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.subscriptions import states
from billing.subscriptions.states import SERVED, Reading, Rules, State

# The machine that runs the tests may be busy.
SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 28, tzinfo=UTC)
WORDS = [*State.values, "incomplete", "incomplete_expired", "a_word_of_next_year"]
RULES = st.builds(
    Rules,
    grace=st.integers(0, 30).map(lambda days: timedelta(days=days)),
    has_plan_after_end=st.booleans(),
)
READINGS = st.lists(
    st.builds(
        Reading,
        subscription_id=st.integers(0, 1000).map(str),
        status=st.sampled_from(WORDS),
        created_at=st.integers(0, 1000).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=6,
    unique_by=lambda reading: reading.subscription_id,
)


@SLOW_MACHINE
@given(READINGS)
def test_the_one_that_is_served_counts_and_of_those_the_newest(readings: list[Reading]) -> None:
    chosen = states.choose(readings)
    served = [one for one in readings if one.state in SERVED]
    known = [one for one in readings if one.state not in (None, State.NONE)]
    assert (chosen is None) == (not known)
    if chosen is not None and served:
        assert chosen in served
        assert all(one.created_at <= chosen.created_at for one in served)
    assert states.are_several_served(readings) == (len(served) > 1)


@SLOW_MACHINE
@given(READINGS)
def test_the_order_in_which_they_are_listed_makes_no_difference(readings: list[Reading]) -> None:
    assert states.choose(readings) == states.choose(readings[::-1])


@SLOW_MACHINE
@given(st.sampled_from(list(State)), RULES)
def test_who_pays_is_never_shut_out(state: State, rules: Rules) -> None:
    begins = states.read_only_from(state, NOW, rules)
    match state:
        case State.TRIALING | State.ACTIVE | State.NONE:
            assert begins is None
        case State.PAST_DUE:
            assert begins == NOW + rules.grace
        case State.UNPAID | State.PAUSED:
            assert begins == NOW
        case State.CANCELED:
            assert begins == (None if rules.has_plan_after_end else NOW)


def test_the_plan_is_the_first_part_of_the_prices_key() -> None:
    assert states.plan_of("team-20:month") == "team-20"
    assert states.plan_of("team-20") == "team-20"
    assert states.plan_of("") == ""
