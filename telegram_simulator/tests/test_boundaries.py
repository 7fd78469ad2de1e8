"""What the simulator keeps away from: the product's code, and other sites' pages."""

from __future__ import annotations

import subprocess
import sys

import requests

from telegram_simulator.client import SimulatorClient
from telegram_simulator.running import REPOSITORY


def test_it_imports_neither_django_nor_the_product() -> None:
    code = (
        "import sys, telegram_simulator.__main__, telegram_simulator.client\n"
        "own = 'channels_telegram', 'telegram_simulator'\n"
        "sys.stdout.write(' '.join(n for n in sys.modules if n.split('.')[0] in "
        "('django', 'chatorical', 'conversations', 'tenants', 'outbox') "
        "or (n.startswith('channels_telegram') and n not in own "
        "and not n.startswith('telegram_simulator.'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


def test_a_page_of_another_site_cannot_act(sim: SimulatorClient) -> None:
    address = f"{sim.base_url}/sim/reset"
    foreign = requests.post(address, headers={"Origin": "http://evil.example"}, timeout=5)
    assert foreign.status_code == 403
    own = requests.post(address, headers={"Origin": sim.base_url}, timeout=5)
    assert own.status_code == 200
