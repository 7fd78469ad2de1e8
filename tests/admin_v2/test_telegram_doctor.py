"""An operator asks what is wrong with a tenant's group, from the command line."""

import pytest

from telegram_simulator.client import SimulatorClient
from tests.admin_v2.conftest import Server
from tests.admin_v2.test_telegram_channel import CHANNEL, Group, new_group, until_told
from tests.conftest import Stage


def ask(stage: Stage, *words: str) -> str:
    return stage.product.manage("telegram_doctor", *words)


def told(stage: Stage, *words: str) -> str:
    """What it prints when something is wrong, which its exit code says too."""
    with pytest.raises(AssertionError) as printed:
        ask(stage, *words)
    return str(printed.value)


def test_the_doctor_names_each_fault_and_its_remedy(
    acme: Server, stage: Stage, simulator: SimulatorClient
) -> None:
    slug = acme.tenant.slug
    assert "has no Telegram channel: add one in the console." in told(stage, slug)
    made = new_group()
    config = Group(made.token, made.chat_id).config
    group = simulator.add_support_group(token=made.token, chat_id=made.chat_id, username="acme_bot")
    acme.put(CHANNEL, config)
    until_told(acme, simulator)
    well = ask(stage, slug, "--round-trip")
    assert f"@acme_bot in the group {made.chat_id}, for {slug}:" in well
    assert (well.count("✓"), "✗" in well) == (7, False)
    assert group.topics() == [], "the topic is gone again"

    group.set_bot_rights([])
    ill = told(stage, slug, "--round-trip")
    assert "✓ The bot's token" in ill
    assert "✗ The bot's rights: " in ill
    assert "A topic that came and went" not in ill, "what cannot work is not tried"
    assert "There is no tenant 'nobody'." in told(stage, "nobody")
