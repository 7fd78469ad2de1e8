"""A group that Telegram gives another id in the middle of the work: adopted once, nothing lost."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest

from channels_telegram import services, texts
from channels_telegram.channels import find_channel
from channels_telegram.outgoing import effects
from channels_telegram.services import ChannelConfig
from channels_telegram.tests.cases import TIMEOUT_SECONDS, Case
from conversations.models import Conversation
from outbox import services as outbox
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests import customer
from tests.cast import setting
from tests.conftest import Stage

CONVERSATIONS, WRITERS, LINES = 24, 8, 3


@dataclass
class Moving:
    """The session's stage, as a tenant of its own sees it, whose group may move."""

    stage: Stage
    tenant: Tenant
    former: int

    def open_case(self, line: str = "Hello?", *, is_claimed: bool = True) -> Case:
        """A customer who has written, and an agent who has claimed."""
        arrived = customer.arrive(self.stage.web, tenant=self.tenant.slug)
        arrived.send(line)
        topic = self.stage.group.wait_for_topic(arrived.codename, timeout_seconds=TIMEOUT_SECONDS)
        case = Case(self.stage, arrived, topic, line)
        case.told(f": {line}")
        if is_claimed:
            case.claim()
        return case

    def upgrade(self) -> None:
        """Give the group another id; the cases look at the new one from now on."""
        self.stage.group = self.stage.group.upgrade()

    def moved(self, case: Case) -> Case:
        """The conversation in the topic that the new group has for it."""
        topic = self.stage.group.wait_for_topic(
            case.customer.codename, timeout_seconds=TIMEOUT_SECONDS
        )
        return replace(case, stage=self.stage, topic=topic)

    def hold_updates(self, held: Sequence[str]) -> None:
        """Telegram delivers none of these kinds until it is called with others."""
        self.stage.simulator.set_delivery(held_kinds=list(held))

    def settled(self) -> None:
        """Every update so far has acted."""
        self.stage.simulator.wait_until_delivered(
            self.stage.group.bot_id, timeout_seconds=TIMEOUT_SECONDS
        )

    def history(self, case: Case) -> list[str]:
        """What the customer reads after a reload."""
        found = case.customer.call("GET", "messages").json()
        return [message["text"] for message in found["messages"]]

    def status(self, case: Case) -> str:
        """Where the conversation stands."""
        status: str = case.customer.call("GET", "messages").json()["status"]
        return status

    def adoptions(self) -> int:
        """How often the group's new id was adopted."""
        with tenant_scope(self.tenant.pk) as scoped:
            return AuditEntry.objects.filter(
                tenant=scoped, action="telegram_channel.group_moved"
            ).count()

    def known_topics(self) -> dict[str, str | None]:
        """The thread of each conversation, by codename."""
        with tenant_scope(self.tenant.pk) as scoped:
            rows = Conversation.objects.filter(tenant=scoped)
            return dict(rows.values_list("codename", "thread_id"))


@pytest.fixture
def moving(stage: Stage, committed_db: None) -> Iterator[Moving]:
    number = uuid4().int
    token = f"{number % 10**10 + 10**10}:AAmovingmovingmovingmovingmovingmov"
    chat_id = -(10**12 + number % 10**9)
    group = stage.simulator.add_support_group(token=token, chat_id=chat_id, username="moving_bot")
    slug = f"moving-{uuid4().hex[:12]}"
    tenant = create_tenant(slug=slug, name=slug, actor=SYSTEM)
    before = stage.simulator.last_call
    with tenant_scope(tenant.pk) as scoped:
        config = ChannelConfig(bot_token=token, chat_id=chat_id)
        services.configure_channel(tenant=scoped, config=config, actor=SYSTEM)
    stage.simulator.wait_for_call("setWebhook", after=before, timeout_seconds=TIMEOUT_SECONDS)
    # Of its agents' pictures the customers get the words alone.
    with setting(tenant, "attachments.allowed", False):
        yield Moving(replace(stage, group=group), tenant, chat_id)
    stage.simulator.clear_faults()
    stage.simulator.set_delivery(held_kinds=[])


def test_an_upgrade_in_the_middle_of_a_burst_is_adopted_once(moving: Moving) -> None:
    stage = moving.stage
    former = stage.group
    with ThreadPoolExecutor(WRITERS) as pool:
        cases = list(pool.map(lambda _: moving.open_case(), range(CONVERSATIONS)))

        def write(case: Case, numbers: Sequence[int]) -> None:
            for number in numbers:
                case.customer.send(f"line {number}")

        # Agents' answers are on their way when the group moves, and arrive when it is adopted.
        moving.hold_updates(["message", "edited_message"])
        for case in cases:
            case.write("Ana", "in flight")
        # As many senders as there are wait for the former group's answer at the same time.
        stage.simulator.add_fault(
            "slow", method="sendMessage", chat_id=former.chat_id, delay_ms=300, times=None
        )
        early = [pool.submit(write, case, range(LINES)) for case in cases]
        stage.simulator.wait_for_call("sendMessage", after=stage.simulator.last_call, count=10)
        moving.upgrade()
        late = [pool.submit(write, case, range(LINES, 2 * LINES)) for case in cases]
        for done in (*early, *late):
            done.result()
        moved = [moving.moved(case) for case in cases]
        for case in moved:
            case.told(f": line {2 * LINES - 1}")
    moving.hold_updates([])
    moving.settled()

    alive = [topic.name for topic in stage.group.topics()]
    known, adoptions = moving.known_topics(), moving.adoptions()
    assert adoptions == 1
    assert sorted(alive) == sorted(case.customer.codename for case in cases)
    for case in moved:
        assert known[case.customer.codename] == str(case.thread_id)
        assert texts.CONTROLS.format(codename=case.customer.codename) == case.texts()[0]
    for before, after in zip(cases, moved, strict=True):
        seen = [text for text in former.texts(before.thread_id) if text.startswith(before.label)]
        lines = [text.removeprefix(before.label) for text in seen] + after.customer_lines()
        assert lines == ["Hello?", *(f"line {number}" for number in range(2 * LINES))]
        history = moving.history(after)
        assert [text for text in history if text != "in flight"] == lines
        assert history.count("in flight") == 1, "an agent's answer was lost or doubled"
        after.write("Ana", "over here")
    moving.settled()
    assert [moving.history(case)[-1] for case in moved] == ["over here"] * len(moved)


def test_what_agents_did_in_the_former_group_counts(moving: Moving) -> None:
    case, closed = moving.open_case(), moving.open_case()
    pressed_in = moving.open_case(is_claimed=False)
    controls, former = pressed_in.controls, moving.stage.group
    first = case.write("Ana", "first")
    refused = case.write("Ana", kind="photo")
    moving.settled()
    moving.hold_updates(["message", "edited_message", "callback_query"])
    case.write("Ana", "second")
    former.edit("Ana", first.message_id, "first, corrected")
    former.edit("Ana", refused.message_id, "a caption")
    former.close_topic("Ana", closed.thread_id)
    pressed = former.press("Ana", controls.message_id, "Claim")
    case.write("Ana", "/myid")
    stray = former.create_topic("Ana", "Lunch").thread_id
    former.write("Ana", "Pizza?", stray)
    moving.upgrade()
    case.customer.send("line")
    moved = moving.moved(case)
    moved.told(": line")

    moving.hold_updates([])
    assert former.wait_for_answer(pressed, timeout_seconds=TIMEOUT_SECONDS).text == (
        "Ana has claimed this conversation."
    )
    moving.settled()
    assert moving.history(case) == ["Hello?", "first, corrected", "line", "second", "a caption"]
    # The bot answers where the agents are now, and the topic there begins with the controls.
    moved.told("Your Telegram id")
    moved.told(texts.ONLY_CAPTION_SENT)
    assert moving.status(closed) == "CLOSED"
    assert moving.status(pressed_in) == "OPEN_ASSIGNED"
    again = moving.moved(pressed_in)
    again.told("has claimed this conversation.")
    assert [topic.name for topic in moving.stage.group.topics()].count("Lunch") == 0
    assert moving.adoptions() == 1


def test_an_answer_in_a_topic_that_was_deleted_meanwhile_is_not_lost(moving: Moving) -> None:
    case = moving.open_case()
    moving.hold_updates(["message"])
    case.write("Ana", "in flight")
    moving.stage.group.delete_topic("Ana", case.thread_id)
    case.customer.send("line")
    again = moving.moved(case)
    again.told(": line")
    moving.hold_updates([])
    moving.settled()
    assert moving.history(case) == ["Hello?", "line", "in flight"]


def test_a_reminder_of_the_former_group_pins_nothing_in_the_new_one(moving: Moving) -> None:
    """Messages are numbered by group: the same number may be any message there."""
    case = moving.open_case()
    with tenant_scope(moving.tenant.pk) as scoped:
        channel = find_channel(tenant=scoped)
        assert channel is not None
    moving.upgrade()
    case.customer.send("line")
    moved = moving.moved(case)
    message_id = moved.told(": line").message_id
    before = moving.stage.simulator.last_call
    moving.stage.worker.skip_log()
    with tenant_scope(moving.tenant.pk) as scoped:
        id_ = UUID(case.customer.conversation_id)
        pin = effects.pin(scoped, id_, channel, message_id, key=uuid4().hex)
        outbox.enqueue(tenant=scoped, effects=[pin])
    assert "delivery_expired" in moving.stage.worker.wait_for_log("telegram.pin")
    assert not moving.stage.simulator.calls("pinChatMessage", after=before)
