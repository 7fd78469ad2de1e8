"""Several bots share a tenant's group: each conversation has one, and none is lost with it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from channels_telegram.channels import DecryptedChannel, list_bots
from channels_telegram.models import Topic
from outbox import services as outbox
from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.seen import SeenMessage, SeenTopic
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.admin_v2.desk import history, visit
from tests.admin_v2.test_telegram_channel import CHANNEL, Group, new_group
from tests.answers import assert_refused
from tests.customer import Customer

BOTS = f"{CHANNEL}/bots"
RIGHTS = ("can_manage_topics", "can_pin_messages", "can_delete_messages")


@dataclass
class Pool:
    """A tenant's group with its bots."""

    server: Server
    simulator: SimulatorClient
    group: SupportGroup
    first: int
    second: int

    def bots(self) -> list[dict[str, Any]]:
        """As the API shows them."""
        answer = self.server.get(BOTS)
        assert answer.status_code == 200, answer.text
        shown: list[dict[str, Any]] = answer.json()["bots"]
        return shown

    def bot(self, bot_id: int) -> dict[str, Any]:
        """One of them."""
        return next(bot for bot in self.bots() if bot["bot_id"] == bot_id)

    def wait_for_state(self, bot_id: int, state: str) -> dict[str, Any]:
        """The bot, once it is so."""

        def look() -> dict[str, Any] | None:
            shown = self.bot(bot_id)
            return shown if shown["state"] == state else None

        return self.simulator.wait_for(look, f"bot {bot_id} is {state}: {self.bots()}", 60)

    def opened(self, bot_id: int) -> DecryptedChannel:
        """The bot as our own code sees it."""
        with tenant_scope(self.server.tenant.pk) as tenant:
            return next(bot for bot in list_bots(tenant=tenant) if bot.bot_id == bot_id)

    def hold_back(self, bot_id: int) -> None:
        """Let nothing leave by this bot until it is let go."""
        name = self.opened(bot_id).outbox_channel
        until = timezone.now() + timedelta(seconds=60)
        with tenant_scope(self.server.tenant.pk) as tenant:
            outbox.hold_channel(tenant=tenant, channel=name, until=until, reason="")

    def settle(self) -> None:
        """Every update so far has acted."""
        for bot_id in (self.first, self.second):
            self.simulator.wait_until_delivered(bot_id)

    def talk(self, line: str) -> "Talk":
        """A customer who has written, and whose line the agents see."""
        customer = visit(self.server)
        customer.send(line)
        topic = self.group.wait_for_topic(customer.codename)
        self.group.wait_for_message(f": {line}", topic.thread_id)
        return Talk(self, customer, topic)

    def talk_with(self, bot_id: int) -> "Talk":
        """A conversation that this bot shows."""
        for number in range(4):
            talk = self.talk(f"hello {number}")
            if talk.topic.creator_id == bot_id:
                return talk
        raise AssertionError(f"bot {bot_id} was given none")


@dataclass
class Talk:
    """A conversation and its topic."""

    pool: Pool
    customer: Customer
    topic: SeenTopic

    def posts(self) -> list[SeenMessage]:
        """What stands in the topic."""
        return self.pool.group.messages(self.topic.thread_id)

    def lines(self) -> list[str]:
        """The customer's lines, in the order of the topic."""
        label = f"{self.customer.codename}: "
        posts = [post.text for post in self.posts() if post.text.startswith(label)]
        return [line for post in posts for line in post[len(label) :].split(f"\n{label}")]

    def told(self, text: str) -> SeenMessage:
        """The post with this, once it stands there."""
        return self.pool.group.wait_for_message(text, self.topic.thread_id)

    def claim(self) -> str:
        """Ana presses the newest button that claims; what she is told."""
        group = self.pool.group
        message = group.wait_for_message(thread_id=self.topic.thread_id, button="Claim")
        pressed = group.press("Ana", message.message_id, "Claim")
        return group.wait_for_answer(pressed).text

    def copy(self, message_id: int, text: str) -> dict[str, Any]:
        """A message of Ana's in the topic, as Telegram tells each bot of it."""
        group = self.pool.group
        return {
            "message_id": message_id,
            "date": int(time.time()),
            "chat": {"id": group.chat_id, "type": "supergroup", "is_forum": True},
            "from": {"id": group.id_of("Ana"), "first_name": "Ana"},
            "message_thread_id": self.topic.thread_id,
            "is_topic_message": True,
            "text": text,
        }

    def answered(self) -> list[str]:
        """What agents have said to the customer."""
        found = history(self.customer)
        return [one["text"] for one in found if one["direction"] == "OUTBOUND"]


def add(server: Server, simulator: SimulatorClient, made: Group, username: str) -> dict[str, Any]:
    """Paste the token of a bot that exists."""
    simulator.seed(bots=[{"token": made.token, "username": username}])
    answer = server.post(BOTS, {"bot_token": made.token})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.fixture
def pool(acme: Server, simulator: SimulatorClient) -> Iterator[Pool]:
    """A group with two bots that are well."""
    first, second = new_group(), new_group()
    group = simulator.add_support_group(
        token=first.token, chat_id=first.chat_id, username="first_bot"
    )
    assert acme.put(CHANNEL, first.config).status_code == 200
    made = Pool(acme, simulator, group, first.bot_id, second.bot_id)
    made.wait_for_state(made.first, "working")
    add(acme, simulator, second, "second_bot")
    simulator.wait_for(lambda: simulator.webhook(made.second).url, "the second webhook", 30)
    group.set_member(made.second, "administrator", rights=RIGHTS)
    made.wait_for_state(made.second, "working")
    yield made
    assert simulator.violations() == []


def test_a_second_bot_is_added_by_its_token_and_a_link(
    acme: Server, globex: Server, simulator: SimulatorClient
) -> None:
    first, second = new_group(), new_group()
    assert_refused(acme.post(BOTS, {"bot_token": second.token}), 409, "no_telegram_channel")
    group = simulator.add_support_group(
        token=first.token, chat_id=first.chat_id, username="first_bot"
    )
    acme.put(CHANNEL, first.config)
    shown = add(acme, simulator, second, "second_bot")
    pool = Pool(acme, simulator, group, first.bot_id, second.bot_id)
    simulator.wait_for(lambda: pool.bot(pool.second)["invitation"], "the bot's name", 60)
    told = pool.wait_for_state(pool.second, "needs_attention")
    assert told["problem"].startswith("The bot is not in the group. Add it.")
    link = "https://t.me/second_bot?startgroup&admin=manage_topics+pin_messages+delete_messages"
    assert told["invitation"] == link
    assert pool.talk("before").topic.creator_id == pool.first, "one that is not there gets nothing"
    # Who presses the link adds the bot; Telegram tells it of that.
    group.set_member(pool.second, "administrator", rights=RIGHTS)
    pool.wait_for_state(pool.second, "working")
    checks = acme.post(f"{BOTS}/{shown['id']}/verify").json()
    assert checks["ok"], checks
    for again in (first, second):
        assert_refused(acme.post(BOTS, {"bot_token": again.token}), 400, "invalid_channel")
    assert_refused(
        acme.put(CHANNEL, {**second.config, "chat_id": first.chat_id}), 400, "invalid_channel"
    )
    # To another tenant it is nothing.
    assert_refused(globex.post(f"{BOTS}/{shown['id']}/verify"), 404, "telegram_bot_not_found")
    assert_refused(globex.delete(f"{BOTS}/{shown['id']}"), 404, "telegram_bot_not_found")
    assert globex.get(BOTS).json() == {"bots": []}
    reader = acme.with_scopes("settings:read")
    assert reader.get(BOTS).status_code == 200
    assert_refused(reader.post(BOTS, {"bot_token": second.token}), 403, "insufficient_scope")


def test_conversations_are_spread_and_stay_with_their_bot(pool: Pool) -> None:
    talks = [pool.talk(f"hello {number}") for number in range(4)]
    creators = {talk.topic.creator_id for talk in talks}
    assert creators == {pool.first, pool.second}
    for talk in talks:
        before = pool.simulator.last_call
        talk.customer.send("and one more")
        talk.customer.rename("Mara")
        talk.told(": and one more")
        pool.simulator.wait_for_call("editForumTopic", after=before, thread_id=talk.topic.thread_id)
        calls = [
            call
            for call in pool.simulator.calls(after=before)
            if call.thread_id == talk.topic.thread_id
        ]
        assert {call.bot_id for call in calls} == {talk.topic.creator_id}
        assert {post.author.id for post in talk.posts()} == {talk.topic.creator_id}


def test_a_button_and_an_answer_act_once_whichever_bot_posts(pool: Pool) -> None:
    talk = pool.talk_with(pool.second)
    assert "claimed" in talk.claim()
    talk.told("has claimed this conversation.")
    pool.group.write("Ana", "Yes, we do.", talk.topic.thread_id)
    pool.settle()
    assert talk.answered() == ["Yes, we do."]
    claims = [post for post in talk.posts() if "has claimed this" in post.text]
    assert [post.author.id for post in claims] == [pool.second]
    pool.group.write("Ana", "/close", talk.topic.thread_id)
    pool.settle()
    closed = pool.group.wait_for_message("Closed by Ana", talk.topic.thread_id)
    assert closed.author.id == pool.second
    assert talk.posts().count(closed) == 1


def test_a_kicked_bot_gives_what_waits_to_the_other_in_order(pool: Pool) -> None:
    talk = pool.talk_with(pool.second)
    pool.hold_back(pool.second)
    lines = [f"line {number}" for number in range(6)]
    for line in lines:
        talk.customer.send(line)
    pool.group.set_member(pool.second, "kicked")
    talk.told(f": {lines[-1]}")
    talk.customer.send("after all that")
    last = talk.told(": after all that")
    assert talk.lines()[1:] == [*lines, "after all that"], "none is lost, and in order"
    assert last.author.id == pool.first
    assert "claimed" in talk.claim(), "the new bot's buttons stand there"
    pool.group.write("Ana", "I am with you.", talk.topic.thread_id)
    pool.settle()
    assert talk.answered() == ["I am with you."]
    ill = pool.wait_for_state(pool.second, "needs_attention")
    assert "The bot was removed from the group." in ill["problem"]
    assert pool.talk("a new one").topic.creator_id == pool.first
    # Back again, it gets new conversations, and the old one stays where it is.
    pool.group.set_member(pool.second, "administrator", rights=RIGHTS)
    pool.wait_for_state(pool.second, "working")
    assert pool.talk_with(pool.second)
    talk.customer.send("still here")
    assert talk.told(": still here").author.id == pool.first


def test_when_the_first_bot_is_kicked_another_one_hears_the_group(pool: Pool) -> None:
    lost, found = pool.talk_with(pool.first), pool.talk_with(pool.second)
    pool.hold_back(pool.first)
    lost.customer.send("waiting")
    pool.group.set_member(pool.first, "kicked")
    assert lost.told(": waiting").author.id == pool.second
    assert [bot["bot_id"] for bot in pool.bots()] == [pool.second, pool.first]
    for talk in (lost, found):
        assert "claimed" in talk.claim()
        pool.group.write("Ana", "I am with you.", talk.topic.thread_id)
        pool.simulator.wait_until_delivered(pool.second)
        assert talk.answered() == ["I am with you."]
    assert lost.lines() == [lost.lines()[0], "waiting"]
    assert pool.bots()[0]["state"] == "working"


def test_a_message_acts_once_by_whichever_bot_is_told_of_it_first(pool: Pool) -> None:
    talk = pool.talk_with(pool.first)
    assert "claimed" in talk.claim()
    by_both, by_second = talk.copy(900_001, "told by both"), talk.copy(900_002, "by the second")
    for bot_id in (pool.second, pool.first):
        pool.simulator.send_update(bot_id, "message", by_both)
    pool.simulator.send_update(pool.second, "message", by_second)
    pool.settle()
    assert talk.answered() == ["told by both", "by the second"]
    for bot_id in (pool.first, pool.second):
        pool.simulator.send_update(
            bot_id, "edited_message", {**by_both, "text": "mended", "edit_date": int(time.time())}
        )
    pool.settle()
    assert talk.answered() == ["mended", "by the second"]
    pool.group.write("Ana", "/close@second_bot", talk.topic.thread_id)
    talk.told("Closed by Ana")


def test_late_copies_for_a_bot_that_was_promoted_do_nothing(pool: Pool) -> None:
    """What was refused before a claim stays refused; the first bot goes on hearing the group."""
    talk = pool.talk_with(pool.first)
    refused = talk.copy(900_003, "between colleagues")
    pool.simulator.send_update(pool.first, "message", refused)
    talk.told("Not sent: nobody has claimed this conversation")
    pool.group.set_member(pool.first, "administrator", rights=["can_pin_messages"])
    pool.wait_for_state(pool.first, "needs_attention")
    assert [bot["bot_id"] for bot in pool.bots()] == [pool.second, pool.first]
    assert "claimed" in talk.claim()
    pool.simulator.send_update(pool.second, "message", refused)
    pool.group.write("Ana", "I am with you.", talk.topic.thread_id)
    pool.settle()
    assert talk.answered() == ["I am with you."]


def test_topics_from_before_there_was_a_choice_get_new_buttons_too(pool: Pool) -> None:
    talk = pool.talk_with(pool.first)
    with tenant_scope(pool.server.tenant.pk) as tenant:
        Topic.objects.filter(tenant=tenant).update(bot_id=None)
    pool.group.set_member(pool.first, "kicked")
    talk.customer.send("waiting")
    talk.told(": waiting")
    buttons = [post for post in talk.posts() if post.buttons]
    assert buttons[-1].author.id == pool.second
    assert "claimed" in talk.claim()


def test_a_revoked_token_and_a_long_block_lead_to_the_other_bot(pool: Pool) -> None:
    talk = pool.talk_with(pool.second)
    pool.simulator.ban(pool.second, pool.group.chat_id, 900)
    talk.customer.send("to whom?")
    assert talk.told(": to whom?").author.id == pool.first
    refused = [call for call in pool.simulator.calls() if call.bot_id == pool.second]
    assert [call.status for call in refused].count(429) == 1, "no call during the block"
    assert pool.bot(pool.second)["blocked_until"] is not None
    other = pool.talk("a new one")
    assert other.topic.creator_id == pool.first
    pool.simulator.forgive()
    assert pool.server.post(f"{BOTS}/{pool.bot(pool.second)['id']}/verify").json()["ok"]
    # The token of the one that hears goes, after the other one's penalty was forgotten.
    with tenant_scope(pool.server.tenant.pk) as tenant:
        name = pool.opened(pool.second).outbox_channel
        outbox.release_channel(tenant=tenant, channel=name)
    pool.simulator.revoke_token(pool.first)
    other.customer.send("and now?")
    assert other.told(": and now?").author.id == pool.second
    assert pool.bots()[0]["bot_id"] == pool.second
    assert other.lines() == ["a new one", "and now?"]


def test_a_bot_is_removed_with_what_waits_going_to_the_first(pool: Pool) -> None:
    talk = pool.talk_with(pool.second)
    first, second = (bot["id"] for bot in pool.bots())
    assert_refused(pool.server.delete(f"{BOTS}/{first}"), 409, "first_telegram_bot")
    assert_refused(pool.server.delete(f"{BOTS}/{uuid4()}"), 404, "telegram_bot_not_found")
    pool.hold_back(pool.second)
    talk.customer.send("whose am I?")
    left = pool.server.delete(f"{BOTS}/{second}")
    assert left.status_code == 200, left.text
    assert [bot["id"] for bot in left.json()["bots"]] == [first]
    assert talk.told(": whose am I?").author.id == pool.first
    assert pool.simulator.webhook(pool.second).url == ""
    assert "claimed" in talk.claim()


def test_an_upgraded_group_keeps_its_bots(pool: Pool) -> None:
    talk = pool.talk_with(pool.second)
    pool.group = pool.group.upgrade()
    pool.settle()
    talk.customer.send("still there?")
    topic = pool.group.wait_for_topic(talk.customer.codename)
    pool.group.wait_for_message(": still there?", topic.thread_id)
    creators = {pool.talk(f"new {number}").topic.creator_id for number in range(4)}
    assert creators == {pool.first, pool.second}
