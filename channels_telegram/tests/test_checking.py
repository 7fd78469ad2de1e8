"""Each likely mistake of a channel's owner is found by the check, and named with its remedy."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.management import call_command
from pytest_django import Settings

from channels_telegram import checking, services, verifying
from channels_telegram.channel_status import status_of, with_status
from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.models import TelegramChannel
from channels_telegram.outgoing import kinds
from channels_telegram.services import ChannelConfig
from conversations.channels import ChannelState
from outbox.errors import DeliveryError
from outbox.models import OutboxItem
from telegram_simulator.client import SimulatorClient, SupportGroup
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant

Mistake = Callable[[SimulatorClient, SupportGroup], None]
MISTAKES: dict[str, tuple[Mistake, str]] = {
    "wrong token": (
        lambda telegram, group: telegram.revoke_token(group.bot_id),
        "Enter the bot's new token.",
    ),
    "not in the group": (
        lambda telegram, group: group.kick_bot(),
        "Add it again. Make it an administrator of the group",
    ),
    "a plain member": (
        lambda telegram, group: group.set_member(group.bot_id, standing="member"),
        "The bot is a plain member: it cannot make topics, and agents' answers do not reach",
    ),
    "an admin without rights": (
        lambda telegram, group: group.set_bot_rights(["can_delete_messages"]),
        "The bot may not manage topics and pin messages",
    ),
    "topics off": (
        lambda telegram, group: group.switch_topics(on=False),
        "Switch topics on in the group's settings.",
    ),
}


@pytest.fixture
def tenant(db: None, simulator: SimulatorClient, settings: Settings) -> Tenant:
    """A tenant whose Telegram is the simulator."""
    settings.TELEGRAM_API_URL = simulator.base_url
    settings.PUBLIC_ORIGIN = "http://127.0.0.1:9"
    return create_tenant(slug=f"check-{uuid4().hex[:8]}", name="Check", actor=SYSTEM)


def connect(tenant: Tenant, token: str, chat_id: int) -> None:
    with tenant_scope(tenant.pk) as scoped:
        services.configure_channel(
            tenant=scoped, config=ChannelConfig(token, chat_id), actor=SYSTEM
        )


def group_of_ones_own(simulator: SimulatorClient) -> tuple[SupportGroup, str]:
    number = uuid4().int
    token = f"{number % 10**9 + 10**9}:AA{uuid4().hex}"
    group = simulator.add_support_group(token=token, chat_id=-(10**12 + number % 10**9))
    return group, token


def check(tenant: Tenant) -> None:
    """What the worker does with what is waiting."""
    for kind in (kinds.SET_UP, kinds.LOOK):
        with tenant_scope(tenant.pk):
            item = OutboxItem.objects.filter(kind=kind.name, status="PENDING").latest("pk")
        outcome = {"status": OutboxItem.Status.DONE}
        try:
            after = kind.deliver(item)
        except DeliveryError as error:
            outcome = {"last_error": error.args[0]}
        else:
            if after is not None:
                after()
        with tenant_scope(tenant.pk):
            OutboxItem.objects.filter(pk=item.pk).update(**outcome)


def check_again(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        checking.check_channel(tenant=scoped, actor=SYSTEM)
    check(tenant)


def state_of(tenant: Tenant) -> tuple[ChannelState, str | None]:
    with tenant_scope(tenant.pk):
        condition = status_of(with_status(TelegramChannel.objects.all()).get())
        return condition.state, condition.problem


@pytest.mark.parametrize(("mistake", "remedy"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_remedy(
    mistake: Mistake, remedy: str, tenant: Tenant, simulator: SimulatorClient
) -> None:
    group, token = group_of_ones_own(simulator)
    mistake(simulator, group)
    connect(tenant, token, group.chat_id)
    assert state_of(tenant) == (ChannelState.NOT_CHECKED, None)
    check(tenant)
    state, problem = state_of(tenant)
    assert state in (ChannelState.NEEDS_ATTENTION, ChannelState.FAILING)
    assert problem is not None
    assert remedy in problem


def test_another_groups_id_is_one_of_the_reasons(
    tenant: Tenant, simulator: SimulatorClient
) -> None:
    group, token = group_of_ones_own(simulator)
    connect(tenant, token, group.chat_id - 7)
    check(tenant)
    assert "the group id is another group's" in str(state_of(tenant)[1])


def test_a_mended_channel_works_after_the_next_check(
    tenant: Tenant, simulator: SimulatorClient
) -> None:
    group, token = group_of_ones_own(simulator)
    group.kick_bot()
    connect(tenant, token, group.chat_id)
    check(tenant)
    group.add_bot()
    check_again(tenant)
    assert state_of(tenant) == (ChannelState.WORKING, None)


def test_a_group_that_was_upgraded_is_adopted_by_the_check(
    tenant: Tenant, simulator: SimulatorClient
) -> None:
    group, token = group_of_ones_own(simulator)
    connect(tenant, token, group.chat_id)
    check(tenant)
    moved = group.upgrade()
    found = {check.name: check.ok for check in verifying.verify(channel_of(tenant))}
    # The bot could not be reached at its address; the group is what it must be.
    assert found == dict.fromkeys(verifying.NAMES, True) | {"webhook": False}
    assert channel_of(tenant).chat_id == moved.chat_id


def channel_of(tenant: Tenant) -> DecryptedChannel:
    with tenant_scope(tenant.pk) as scoped:
        channel = find_channel(tenant=scoped)
    assert channel is not None
    return channel


def test_silence_of_telegrams_says_nothing_about_the_channel(
    tenant: Tenant, simulator: SimulatorClient, settings: Settings
) -> None:
    group, token = group_of_ones_own(simulator)
    connect(tenant, token, group.chat_id)
    check(tenant)
    settings.TELEGRAM_API_URL = "http://127.0.0.1:9"
    check_again(tenant)
    assert state_of(tenant)[0] == ChannelState.FAILING
    settings.TELEGRAM_API_URL = simulator.base_url
    check_again(tenant)
    assert state_of(tenant) == (ChannelState.WORKING, None)


def test_a_former_address_is_replaced_at_the_next_start(
    tenant: Tenant, simulator: SimulatorClient, settings: Settings
) -> None:
    group, token = group_of_ones_own(simulator)
    connect(tenant, token, group.chat_id)
    check(tenant)
    call_command("renew_webhooks")
    assert waiting(tenant) == 0, "Telegram has this address"
    settings.PUBLIC_ORIGIN = "http://127.0.0.1:10"
    call_command("renew_webhooks")
    assert waiting(tenant) == 1
    check(tenant)
    told = simulator.wait_for_call("setWebhook", timeout_seconds=5)[-1]
    assert told.params["url"].startswith("http://127.0.0.1:10/v1/telegram/webhook/")
    call_command("renew_webhooks")
    assert waiting(tenant) == 0


def waiting(tenant: Tenant) -> int:
    with tenant_scope(tenant.pk):
        items = OutboxItem.objects.filter(kind="telegram.set_up", status="PENDING")
        return items.count()
