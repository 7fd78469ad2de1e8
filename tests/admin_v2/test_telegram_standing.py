"""What the bot is in its group is the channel's state, as soon as Telegram tells of it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from channels_telegram.channels import find_channel
from telegram_simulator.client import SimulatorClient, SupportGroup
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.customer import Customer, arrive

CHANNEL = "channels/telegram"
RIGHTS = ("can_manage_topics", "can_pin_messages", "can_delete_messages")
Change = Callable[[SupportGroup], None]


@pytest.fixture
def group(acme: Server, simulator: SimulatorClient) -> Iterator[SupportGroup]:
    """The tenant's own group, connected and seen to be well."""
    number = uuid4().int
    token = f"{number % 10**9 + 10**9}:AA{uuid4().hex}"
    chat_id = -(10**12 + number % 10**9)
    made = simulator.add_support_group(token=token, chat_id=chat_id, username="acme_bot")
    put = acme.put(CHANNEL, {"bot_token": token, "chat_id": chat_id})
    assert put.status_code == 200, put.text
    wait_for(acme, simulator, lambda _: opened_status(acme) == "administrator")
    simulator.wait_for(lambda: simulator.webhook(made.bot_id).url, "the webhook", 30)
    yield made
    assert simulator.violations() == []


def opened_status(server: Server) -> str:
    """What is stored of the bot."""
    with tenant_scope(server.tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
        return channel.standing.status if channel else ""


def state_of(server: Server) -> tuple[str, str]:
    """The channel's state, and its problem or an empty text."""
    shown = server.get(CHANNEL).json()
    return shown["state"], shown["problem"] or ""


def wait_for(
    server: Server, simulator: SimulatorClient, is_so: Callable[[tuple[str, str]], bool]
) -> tuple[str, str]:
    """The state once it is so."""

    def look() -> tuple[str, str] | None:
        now = state_of(server)
        return now if is_so(now) else None

    return simulator.wait_for(look, "another state", 30)


def settled(server: Server, simulator: SimulatorClient, group: SupportGroup) -> tuple[str, str]:
    """The state when all updates so far have acted."""
    simulator.wait_until_delivered(group.bot_id)
    status = server.get(f"{CHANNEL}/status").json()
    assert (status["state"], status["problem"] or "") == state_of(server)
    return state_of(server)


def become(standing: str, **more: Any) -> Change:
    return lambda group: group.set_member(group.bot_id, standing, **more)


def without(right: str) -> Change:
    return become("administrator", rights=[one for one in RIGHTS if one != right])


PLAIN = "The bot is a plain member: it cannot make topics, and agents' answers do not reach"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (become("member"), PLAIN),
        (become("restricted"), PLAIN),
        (become("restricted", can_send=False), "The bot may not write in the group."),
        (become("left"), "The bot is not in the group. Add it."),
        (become("kicked"), "The bot was removed from the group. Add it again."),
        (without("can_manage_topics"), "The bot may not manage topics: new customers do not"),
        (without("can_pin_messages"), "The bot may not pin messages: reminders are not pinned"),
        (without("can_delete_messages"), "The bot may not delete messages: topics of deleted"),
        (become("administrator", rights=[]), "manage topics, pin messages and delete messages: "),
    ],
    ids=["member", "restricted", "mute", "left", "kicked", "topics", "pins", "deleting", "none"],
)
def test_every_change_moves_the_state_and_names_the_remedy(
    acme: Server, group: SupportGroup, simulator: SimulatorClient, change: Change, problem: str
) -> None:
    assert state_of(acme) == ("working", "")
    change(group)
    state, told = settled(acme, simulator, group)
    assert state == "needs_attention"
    assert problem in told
    assert "Make it an administrator" in told or "list of administrators" in told
    group.set_member(group.bot_id, "administrator", rights=RIGHTS)
    assert settled(acme, simulator, group) == ("working", "")


def test_without_privacy_mode_a_plain_member_hears_answers(
    acme: Server, group: SupportGroup, simulator: SimulatorClient
) -> None:
    simulator.set_privacy(group.bot_id, on=False)
    group.set_member(group.bot_id, "member")
    simulator.wait_until_delivered(group.bot_id)
    _, problem = wait_for(acme, simulator, lambda now: "answers" not in now[1])
    assert problem.startswith("The bot is a plain member: it cannot make topics. Make it")
    simulator.set_privacy(group.bot_id, on=True)
    assert acme.post(f"{CHANNEL}/verify").json()["ok"] is False
    assert PLAIN in state_of(acme)[1], "what verify finds is the state"


def told_by_hand(
    server: Server, group: SupportGroup, status: str, *, date: int, update_id: int
) -> None:
    """Telegram tells, at a time of our choice."""
    with tenant_scope(server.tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
    assert channel is not None
    member = {"status": status, "user": {"id": group.bot_id, "is_bot": True, "first_name": "x"}}
    change = {
        "chat": {"id": group.chat_id, "type": "supergroup", "is_forum": True, "title": "x"},
        "from": {"id": 7001, "is_bot": False, "first_name": "Ana"},
        "date": date,
        "old_chat_member": {**member, "status": "left"},
        "new_chat_member": member,
    }
    answer = requests.post(
        f"{server.base_url}/v1/telegram/webhook/{channel.webhook_secret}",
        json={"update_id": update_id, "my_chat_member": change},
        headers={"X-Telegram-Bot-Api-Secret-Token": channel.header_secret},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text


def changes_of(server: Server) -> list[Any]:
    """What the trail says of the bot's status."""
    with tenant_scope(server.tenant.pk):
        entries = AuditEntry.objects.filter(action="telegram_channel.standing_changed")
        return [entry.changes.get("status") for entry in entries.order_by("pk")]


def test_an_old_update_changes_nothing_and_a_repeated_one_is_noted_once(
    acme: Server, group: SupportGroup, simulator: SimulatorClient
) -> None:
    now = 4_000_000_000
    told_by_hand(acme, group, "member", date=now, update_id=2_000_000_010)
    for _ in range(3):
        told_by_hand(acme, group, "member", date=now, update_id=2_000_000_010)
    told_by_hand(acme, group, "kicked", date=now - 60, update_id=2_000_000_020)
    told_by_hand(acme, group, "kicked", date=now, update_id=2_000_000_009)
    assert PLAIN in state_of(acme)[1] or state_of(acme) == ("working", ""), "or Telegram was asked"
    assert ["administrator", "kicked"] not in changes_of(acme)
    assert changes_of(acme).count(["administrator", "member"]) == 1


def customer_of(server: Server) -> Customer:
    return arrive(server.base_url, tenant=server.tenant.slug)


def test_what_cannot_be_posted_is_held_with_the_reason_and_goes_on(
    acme: Server, group: SupportGroup, simulator: SimulatorClient
) -> None:
    group.kick_bot()
    settled(acme, simulator, group)
    last = simulator.last_call
    customer = customer_of(acme)
    customer.send("anybody?")
    status = acme.get(f"{CHANNEL}/status").json()
    assert status["queue"]["blocked_until"] is not None
    assert status["queue"]["waiting"] > 0
    assert not simulator.calls("createForumTopic", after=last)
    group.add_bot()
    topic = group.wait_for_topic(customer.codename, timeout_seconds=30)
    group.wait_for_message("anybody?", topic.thread_id, timeout_seconds=30)
    assert state_of(acme) == ("working", "")


def test_topics_that_are_switched_off_are_noticed_before_anything_is_posted(
    acme: Server, group: SupportGroup, simulator: SimulatorClient
) -> None:
    """Telegram tells nobody; but whatever is said in the group then shows it."""
    customer = customer_of(acme)
    customer.send("hello")
    topic = group.wait_for_topic(customer.codename, timeout_seconds=30)
    group.wait_for_message("hello", topic.thread_id, timeout_seconds=30)
    group.switch_topics(on=False)
    group.write("Ana", "where have they all gone?")
    state, problem = wait_for(acme, simulator, lambda now: now[0] != "working")
    assert state == "needs_attention"
    assert problem == "The group has no topics. Switch topics on in the group's settings."
    customer.send("private matter")
    assert "private matter" not in " ".join(group.texts())
    group.switch_topics(on=True)
    group.write("Ana", "here they are")
    group.wait_for_message("private matter", topic.thread_id, timeout_seconds=40)
    wait_for(acme, simulator, lambda now: now == ("working", ""))


def test_busy_is_not_broken(acme: Server, group: SupportGroup, simulator: SimulatorClient) -> None:
    simulator.add_fault("flood", method="getChat", chat_id=group.chat_id, retry_after=7)
    found = acme.post(f"{CHANNEL}/verify").json()
    assert (found["ok"], found["is_busy"]) == (True, True)
    assert [check["ok"] for check in found["checks"]] == [True, None, None, None, None, None]
    assert "7 seconds" in found["checks"][-1]["advice"]
    found = acme.post(f"{CHANNEL}/verify").json()
    assert found["is_busy"] is False
    assert None not in [check["ok"] for check in found["checks"]]
