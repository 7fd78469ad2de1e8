"""A tenant's server connects the tenant's Telegram group and sees how it is."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
import requests

from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.services import note_bot_username
from channels_telegram.verifying import NAMES
from outbox.models import OutboxItem
from telegram_simulator.client import SimulatorClient
from tenants.models import AuditEntry
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server
from tests.answers import assert_refused

CHANNEL = "channels/telegram"


@dataclass(frozen=True)
class Group:
    """A bot of one's own in a group of one's own, at the simulated Telegram."""

    token: str
    chat_id: int

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])

    @property
    def config(self) -> dict[str, object]:
        return {"bot_token": self.token, "chat_id": self.chat_id}


@pytest.fixture
def group(simulator: SimulatorClient) -> Group:
    """It exists, and the bot may do everything."""
    made = new_group()
    simulator.add_support_group(token=made.token, chat_id=made.chat_id, username="acme_bot")
    return made


def new_group() -> Group:
    """One that Telegram does not know."""
    number = uuid4().int
    return Group(f"{number % 10**9 + 10**9}:AA{uuid4().hex}", -(10**12 + number % 10**9))


def opened(server: Server) -> DecryptedChannel:
    """The channel as our own code sees it."""
    with tenant_scope(server.tenant.pk) as tenant:
        channel = find_channel(tenant=tenant)
        assert channel is not None
        return channel


def until_told(server: Server, simulator: SimulatorClient) -> None:
    """The worker has told Telegram the present address; what comes after has no rival."""
    secret = opened(server).webhook_secret

    def is_told() -> bool:
        return any(
            call.params["url"].endswith(secret)
            for call in simulator.calls("setWebhook")
            if call.is_done
        )

    simulator.wait_for(is_told, "Telegram is told the present address")


def checks_of(server: Server) -> dict[str, bool]:
    """What verify finds."""
    answer = server.post(f"{CHANNEL}/verify")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["ok"] == all(check["ok"] for check in found["checks"])
    assert all(check["ok"] or check["advice"] for check in found["checks"])
    return {check["name"]: check["ok"] for check in found["checks"]}


def test_without_a_channel_there_is_nothing_to_ask(acme: Server) -> None:
    shown = acme.get(CHANNEL)
    assert shown.json()["state"] == "not_configured"
    assert shown.json()["bot_id"] is None
    assert_refused(acme.get(f"{CHANNEL}/status"), 404, "channel_not_found")
    for what in ("verify", "webhook", "rotate-secrets"):
        assert_refused(acme.post(f"{CHANNEL}/{what}"), 404, "channel_not_found")


def test_a_group_is_connected_verified_and_never_shows_its_secrets(
    acme: Server, group: Group, simulator: SimulatorClient
) -> None:
    put = acme.put(CHANNEL, {**group.config, "header_secret": "s3cret-of-the-header"})
    assert put.status_code == 200, put.text
    assert put.json()["bot_id"] == group.bot_id
    assert put.json()["chat_id"] == group.chat_id
    assert put.json()["is_header_secret_set"] is True
    until_told(acme, simulator)
    channel = opened(acme)
    assert acme.post(f"{CHANNEL}/webhook").json()["is_ours"] is True
    assert checks_of(acme) == dict.fromkeys(NAMES, True)
    status = acme.get(f"{CHANNEL}/status").json()
    assert status["webhook"]["is_ours"] is True
    assert status["budget"]["points"] > 0
    assert status["queue"]["blocked_until"] is None
    for answer in (put, acme.get(CHANNEL), acme.get(f"{CHANNEL}/status"), acme.get("outbox")):
        for secret in (channel.bot_token, channel.webhook_secret, channel.header_secret):
            assert secret not in answer.text


def test_a_second_editor_learns_of_the_first(acme: Server, group: Group) -> None:
    nobody = acme.get(CHANNEL).headers["ETag"]
    first = acme.put(CHANNEL, group.config, If_Match=nobody)
    assert first.status_code == 200
    assert_refused(acme.put(CHANNEL, group.config, If_Match=nobody), 412, "precondition_failed")


def test_what_telegram_tells_meanwhile_is_in_no_editors_way(acme: Server, group: Group) -> None:
    put = acme.put(CHANNEL, group.config)
    note_bot_username(channel=opened(acme), username="other_bot")
    shown = acme.get(CHANNEL)
    assert shown.headers["ETag"] == put.headers["ETag"]
    again = acme.put(CHANNEL, {"chat_id": group.chat_id - 1}, If_Match=put.headers["ETag"])
    assert again.status_code == 200
    assert again.headers["ETag"] != put.headers["ETag"]


def test_what_is_left_out_stays(acme: Server, group: Group) -> None:
    acme.put(CHANNEL, {**group.config, "header_secret": "first-secret"})
    before = opened(acme)
    moved = acme.put(CHANNEL, {"chat_id": group.chat_id - 1})
    assert moved.json()["chat_id"] == group.chat_id - 1
    after = opened(acme)
    assert (after.bot_token, after.webhook_secret, after.header_secret) == (
        before.bot_token,
        before.webhook_secret,
        before.header_secret,
    )
    another = acme.put(CHANNEL, {"chat_id": group.chat_id - 1, "header_secret": None})
    assert another.json()["is_header_secret_set"] is True
    assert opened(acme).header_secret not in ("", before.header_secret)


def test_the_same_values_again_change_nothing(acme: Server, group: Group) -> None:
    first = acme.put(CHANNEL, group.config)
    before = opened(acme)
    again = acme.put(CHANNEL, group.config)
    assert again.status_code == 200
    assert opened(acme).webhook_secret == before.webhook_secret
    assert first.json()["updated_at"] == again.json()["updated_at"]
    with tenant_scope(acme.tenant.pk):
        assert OutboxItem.objects.filter(kind="telegram.set_up").count() == 1


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"chat_id": -100}, "bot_token"),
        ({"bot_token": "1:a"}, "chat_id"),
        ({"bot_token": "1:a", "chat_id": 100}, "chat_id"),
        ({"bot_token": "1:a", "chat_id": "-100"}, "chat_id"),
        ({"bot_token": "1:a", "chat_id": -(2**70)}, "chat_id"),
        ({"bot_token": "1:\0", "chat_id": -100}, "bot_token"),
        ({"bot_token": "1:a", "chat_id": -100, "url": "http://127.0.0.1"}, "field"),
    ],
)
def test_what_cannot_be_right_is_named(acme: Server, wish: dict[str, object], field: str) -> None:
    error = assert_refused(acme.put(CHANNEL, wish), 400, "invalid_parameter")
    assert field in error["details"]


def test_a_token_of_another_shape_is_refused(acme: Server) -> None:
    # A token becomes part of an address: it must not be able to lead elsewhere.
    for token in ("nonsense", "12345:../../x", "12345:" + "a@evil.example/" * 2):
        wish = {"bot_token": token, "chat_id": -100}
        assert_refused(acme.put(CHANNEL, wish), 400, "invalid_channel")


def test_verify_says_what_to_mend(acme: Server, group: Group, simulator: SimulatorClient) -> None:
    acme.put(CHANNEL, new_group().config)
    assert set(checks_of(acme).values()) == {False}
    acme.put(CHANNEL, {**group.config, "chat_id": group.chat_id - 7})
    found = checks_of(acme)
    assert (found["token"], found["group"]) == (True, False)
    acme.put(CHANNEL, new_group().config)
    assert_refused(acme.post(f"{CHANNEL}/webhook"), 409, "telegram_failed")
    assert acme.get(f"{CHANNEL}/status").json()["webhook_problem"]


def test_rotated_secrets_reach_telegram_and_the_old_address_is_gone(
    acme: Server, group: Group, simulator: SimulatorClient
) -> None:
    acme.put(CHANNEL, group.config)
    until_told(acme, simulator)
    before = opened(acme)
    rotated = acme.post(f"{CHANNEL}/rotate-secrets", Idempotency_Key="once")
    assert rotated.status_code == 200
    until_told(acme, simulator)
    after = opened(acme)
    assert after.webhook_secret != before.webhook_secret
    assert after.header_secret
    assert rotated.json()["is_header_secret_set"] is True
    acme.post(f"{CHANNEL}/rotate-secrets", Idempotency_Key="once")
    assert opened(acme).webhook_secret == after.webhook_secret
    old = requests.post(
        f"{acme.base_url}/v1/telegram/webhook/{before.webhook_secret}",
        json={"update_id": 1},
        timeout=30,
    )
    assert_refused(old, 404, "webhook_not_found")
    assert acme.post(f"{CHANNEL}/webhook").json()["is_ours"] is True
    with tenant_scope(acme.tenant.pk):
        actions = AuditEntry.objects.filter(object_type="telegram_channel").values_list(
            "action", flat=True
        )
        assert sorted(actions) == [
            "telegram_channel.created",
            "telegram_channel.secrets_rotated",
            "telegram_channel.webhook_set",
        ]


def test_each_call_wants_its_scope(acme: Server) -> None:
    reader, writer = acme.with_scopes("settings:read"), acme.with_scopes("channels:write")
    assert reader.get(CHANNEL).status_code == 200
    for refused, scope in (
        (reader.put(CHANNEL, {"chat_id": -1}), "channels:write"),
        (reader.post(f"{CHANNEL}/verify"), "channels:write"),
        (reader.post(f"{CHANNEL}/webhook"), "channels:write"),
        (reader.post(f"{CHANNEL}/rotate-secrets"), "channels:write"),
        (writer.get(CHANNEL), "settings:read"),
        (writer.get(f"{CHANNEL}/status"), "settings:read"),
    ):
        error = assert_refused(refused, 403, "insufficient_scope")
        assert error["details"] == {"required": scope}


def test_one_tenant_sees_nothing_of_anothers_group(
    acme: Server, globex: Server, group: Group
) -> None:
    globex.put(CHANNEL, group.config)
    assert acme.get(CHANNEL).json()["state"] == "not_configured"
    assert_refused(acme.put(CHANNEL, group.config), 400, "invalid_channel")
