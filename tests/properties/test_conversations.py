"""Whatever customers, agents and networks do, in any order: one history, the same for everybody."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tenants.models import Tenant
from tests.conftest import Stage
from tests.processes import Process
from tests.properties.world import World

bounded = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Neither blank nor a command, whatever is drawn.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(
    lambda text: f"»{text}«"
)
devices = webs = st.integers(0, 1)


def machine_at(stage: Stage, tenant: Tenant) -> type[RuleBasedStateMachine]:
    """The machine that plays on this stage."""

    class Conversations(RuleBasedStateMachine):
        """One conversation with everything that can happen to it."""

        world: World

        @initialize()
        def begin(self) -> None:
            self.world = World(stage, tenant, [stage.web, stage.second_web])

        @rule(device=devices, web=webs, is_resuming=st.booleans())
        def connect(self, device: int, web: int, is_resuming: bool) -> None:
            self.world.connect(device, web, is_resuming=is_resuming)

        @rule(device=devices)
        def disconnect(self, device: int) -> None:
            self.world.disconnect(device)

        @rule(text=texts, web=webs)
        def write(self, text: str, web: int) -> None:
            self.world.write(text, web)

        @rule(text=texts, device=devices)
        def say(self, text: str, device: int) -> None:
            self.world.say(text, device)

        @rule()
        def claim(self) -> None:
            self.world.claim()

        @rule(text=texts)
        def reply(self, text: str) -> None:
            self.world.reply(text)

        @rule(by_menu=st.booleans())
        def close(self, by_menu: bool) -> None:
            self.world.close(by_menu=by_menu)

        @rule()
        def reopen(self) -> None:
            self.world.reopen()

        @rule(is_meant=st.integers(0, 3))
        def block(self, is_meant: int) -> None:
            # Rarely, for little happens afterwards.
            if not is_meant:
                self.world.block()

        @rule(
            lines=st.lists(texts, min_size=1, max_size=3, unique=True),
            replies=st.lists(texts, max_size=2, unique=True),
        )
        def all_at_once(self, lines: list[str], replies: list[str]) -> None:
            self.world.all_at_once(lines, replies)

        @invariant()
        def statuses_agree(self) -> None:
            if hasattr(self, "world"):
                assert self.world.statuses[-1] == self.world.model.status

        def teardown(self) -> None:
            if hasattr(self, "world"):
                self.world.end()

    return Conversations


def test_any_sequence_of_steps(stage: Stage, default_tenant: Tenant) -> None:
    run_state_machine_as_test(
        machine_at(stage, default_tenant),
        settings=settings(bounded, max_examples=20, stateful_step_count=15),
    )


STEPS: dict[str, Callable[[World, str], None]] = {
    "write": lambda world, text: world.write(text, 0),
    "say": lambda world, text: world.say(text, 0),
    "claim": lambda world, _text: world.claim(),
    "reply": lambda world, text: world.reply(text),
    "close": lambda world, _text: world.close(by_menu=False),
    "reopen": lambda world, _text: world.reopen(),
}
steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), texts), min_size=2, max_size=6)


@pytest.fixture
def fragile_web(stage: Stage) -> Iterator[tuple[Process, str]]:
    """A web process of one's own, to be killed."""
    process, address = stage.product.web()
    yield process, address
    process.stop()


def test_any_sequence_around_the_death_of_a_process(
    stage: Stage, default_tenant: Tenant, fragile_web: tuple[Process, str]
) -> None:
    process, web = fragile_web

    @settings(bounded, max_examples=2)
    @given(before=steps, meanwhile=steps, after=steps)
    def check(
        before: list[tuple[str, str]],
        meanwhile: list[tuple[str, str]],
        after: list[tuple[str, str]],
    ) -> None:
        world = World(stage, default_tenant, [web])
        world.connect(0, 0, is_resuming=True)
        play(world, before)
        process.kill()
        world.leave()
        # The others go on.
        world.customer.web = stage.web
        world.move([stage.web])
        try:
            play(world, meanwhile)
        finally:
            process.start()
        world.move([web])
        world.connect(0, 0, is_resuming=True)
        play(world, after)
        world.end()

    check()


def play(world: World, chosen: list[tuple[str, str]]) -> None:
    for name, text in chosen:
        STEPS[name](world, text)
