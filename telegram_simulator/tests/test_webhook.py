"""Updates come by webhook: in order per chat, again until they are taken, with their secret."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest

from telegram_simulator.client import SimulatorClient, SupportGroup
from telegram_simulator.tests.bot import BOT_ID, CHAT, Bot, keyboard
from telegram_simulator.tests.listening import Listener, Received, Reply, listening


@pytest.fixture
def hook(sim: SimulatorClient, bot: Bot) -> Iterator[Listener]:
    sim.set_delivery(delay_scale=0.001)
    with listening() as listener:
        bot.do("setWebhook", url=listener.url, secret_token="s3cret_", max_connections=10)
        yield listener
        bot.do("deleteWebhook", drop_pending_updates=True)


def failing(times: int, status: int = 500, **headers: str) -> Iterator[Reply]:
    for _ in range(times):
        yield status, dict(headers)
    while True:
        yield 200, {}


def test_an_update_carries_the_secret_and_a_growing_id(
    hook: Listener, support: SupportGroup
) -> None:
    support.write("Ana", "one")
    support.write("Greg", "two")
    first, second = hook.next(), hook.next()
    assert first.headers["x-telegram-bot-api-secret-token"] == "s3cret_"
    assert first.headers["content-type"] == "application/json"
    assert first.update["message"]["text"] == "one"
    assert second.update["update_id"] == first.update["update_id"] + 1


def test_messages_of_a_group_arrive_strictly_in_order(
    hook: Listener, support: SupportGroup, bot: Bot
) -> None:
    threads = [bot.topic(f"topic {n}") for n in range(3)]
    expected = [f"text {n}" for n in range(30)]
    for n, text in enumerate(expected):
        support.write("Ana", text, threads[n % 3])
    assert hook.texts(30) == expected


def test_a_refused_update_comes_again_and_holds_back_the_rest_of_its_group(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    replies = failing(3)
    hook.answer = lambda received: next(replies)
    support.write("Ana", "first")
    support.write("Greg", "second")
    assert hook.texts(5) == ["first"] * 4 + ["second"]
    sim.wait_until_delivered(BOT_ID)
    assert "500 Internal Server Error" in sim.webhook(BOT_ID).last_error_message
    assert sim.webhook(BOT_ID).pending == 0


def test_the_first_retry_is_at_once_and_later_ones_wait_ever_longer(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_delivery(delay_scale=0.01)
    replies = failing(5)
    hook.answer = lambda received: next(replies)
    support.write("Ana", "hello")
    sim.wait_until_delivered(BOT_ID)
    moments = [attempt.at for attempt in sim.updates(BOT_ID).attempts]
    at_once, *waits = [later - earlier for earlier, later in pairwise(moments)]
    assert at_once < 0.02
    for wait, seconds in zip(waits, [2, 4, 8, 16], strict=True):
        assert seconds * 0.01 <= wait < seconds * 0.01 + 0.05


def test_retry_after_of_the_receiver_is_obeyed(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_delivery(delay_scale=0.01)
    replies = failing(1, 503, **{"Retry-After": "20"})
    hook.answer = lambda received: next(replies)
    support.write("Ana", "hello")
    sim.wait_until_delivered(BOT_ID)
    first, second = sim.updates(BOT_ID).attempts
    assert 0.2 <= second.at - first.at < 0.3


def test_a_press_overtakes_a_message_that_is_stuck(
    hook: Listener, support: SupportGroup, bot: Bot
) -> None:
    message_id = bot.say("Take it?", bot.topic(), reply_markup=keyboard("Claim"))
    hook.next()
    go_on = threading.Event()

    def answer(received: Received) -> Reply:
        if "message" in received.update:
            go_on.wait(5)
        return 200, {}

    hook.answer = answer
    support.write("Ana", "slow to take")
    assert hook.next().text == "slow to take"
    support.press("Greg", message_id, "Claim")
    assert hook.next().update["callback_query"]["data"] == "claim"
    go_on.set()


def test_a_lost_answer_brings_the_same_update_twice(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_delivery(lose_answers=1)
    support.write("Ana", "once")
    first, second = hook.next(), hook.next()
    assert first.update == second.update


def test_copies_in_turn_at_once_and_much_later(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    sim.set_delivery(extra_copies=2)
    support.write("Ana", "thrice")
    assert hook.texts(3) == ["thrice"] * 3

    sim.set_delivery(extra_copies=0)
    met = threading.Barrier(4)

    def answer(received: Received) -> Reply:
        met.wait(5)
        return 200, {}

    support.write("Ana", "again")
    update_id = hook.next().update["update_id"]
    sim.wait_until_delivered(BOT_ID)
    hook.answer = answer
    # All four are at the receiver together, or the barrier would break.
    assert sim.repeat_update(BOT_ID, update_id, times=4, at_once=True) == [200] * 4
    assert hook.texts(4) == ["again"] * 4


def test_a_held_kind_lets_the_press_arrive_before_its_message(
    hook: Listener, sim: SimulatorClient, support: SupportGroup, bot: Bot
) -> None:
    sim.set_delivery(held_kinds=["message"])
    message_id = bot.say("Take it?", bot.topic(), reply_markup=keyboard("Claim"))
    support.press("Ana", message_id, "Claim")
    assert "callback_query" in hook.next().update
    sim.wait_for(lambda: sim.webhook(BOT_ID).pending == 1, "only the message left")
    sim.set_delivery(held_kinds=[])
    assert "forum_topic_created" in hook.next().update["message"]


def test_a_receiver_that_hangs_or_is_gone_is_told_apart(
    hook: Listener, sim: SimulatorClient, support: SupportGroup, bot: Bot
) -> None:
    sim.set_delivery(timeout_seconds=0.05)
    go_on = threading.Event()
    hook.answer = lambda received: (200, {}) if go_on.wait(5) else (500, {})
    support.write("Ana", "anybody?")
    hook.next()
    hook.next()
    assert sim.webhook(BOT_ID).last_error_message == "Read timeout expired"
    go_on.set()
    sim.wait_until_delivered(BOT_ID)

    bot.do("setWebhook", url="http://127.0.0.1:9/nobody")
    support.write("Ana", "nobody")
    sim.wait_for(lambda: sim.webhook(BOT_ID).last_error_message == "Connection refused", "refusal")
    assert bot.do("getWebhookInfo")["pending_update_count"] == 1


def test_old_updates_expire_and_410_ends_the_webhook_after_a_day(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    hook.answer = lambda received: (410, {})
    sim.set_delivery(delay_scale=1.0)
    support.write("Ana", "too late")
    assert hook.next().text == hook.next().text == "too late"
    sim.wait_for(lambda: len(sim.updates(BOT_ID).attempts) == 2, "both refusals noted")
    sim.advance_clock(23.5 * 3600)
    hook.next()
    sim.wait_for(lambda: sim.webhook(BOT_ID).url == "", "webhook removed")
    assert sim.webhook(BOT_ID).pending == 1


def test_only_allowed_updates_come_and_the_choice_is_kept(
    hook: Listener, sim: SimulatorClient, support: SupportGroup, bot: Bot
) -> None:
    message_id = bot.say("Nice?", bot.topic())
    hook.next()
    support.react("Ana", message_id, ["👍"])
    bot.do("setWebhook", url=hook.url, allowed_updates=["message", "message_reaction"])
    bot.do("setWebhook", url=hook.url)
    support.react("Ana", message_id, [])
    reaction = hook.next().update["message_reaction"]
    assert (reaction["old_reaction"], reaction["new_reaction"]) == (
        [{"type": "emoji", "emoji": "👍"}],
        [],
    )
    assert "message_thread_id" not in reaction
    assert bot.do("getWebhookInfo")["allowed_updates"] == ["message", "message_reaction"]
    bot.do("setWebhook", url=hook.url, allowed_updates=[])
    assert "allowed_updates" not in bot.do("getWebhookInfo")


def test_webhook_settings_are_checked(bot: Bot, sim: SimulatorClient) -> None:
    assert bot.refused("setWebhook", url="ftp://example.org").startswith(
        "Bad Request: bad webhook: "
    )
    url = "http://127.0.0.1:9/"
    assert "secret token contains unallowed" in bot.refused(
        "setWebhook", url=url, secret_token="a b"
    )
    assert "secret token is too long" in bot.refused("setWebhook", url=url, secret_token="a" * 257)
    bot.do("setWebhook", url=url)
    assert bot.refused("getUpdates").startswith("Conflict: can't use getUpdates")
    sim.set_server_options(webhook_pause_seconds=30)
    assert bot.refused("setWebhook", url=url) == "Too Many Requests: retry after 1"
    bot.do("deleteWebhook")


def test_a_gap_and_a_made_up_update(
    hook: Listener, sim: SimulatorClient, support: SupportGroup
) -> None:
    first = sim.send_update(BOT_ID, "message", {"nonsense": True})
    sim.skip_update_ids(BOT_ID, 5)
    second = sim.send_update(BOT_ID, "poll_answer", [1, None])
    assert second == first + 6
    received = [hook.next().update for _ in range(2)]
    assert received == [
        {"update_id": first, "message": {"nonsense": True}},
        {"update_id": second, "poll_answer": [1, None]},
    ]
    assert support.chat_id == CHAT
