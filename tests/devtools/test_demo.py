"""`./dev demo` itself: ready, alive after a kill, gone after Ctrl-C."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
import requests

from devtools import paths
from telegram_simulator.client import FIRST_AGENT_ID, SimulatorClient, SupportGroup
from tests.customer import arrive
from tests.parity.old_widget import open_widget

# What the suite's own servers have put into the environment must not reach the demo.
OF_THE_SUITE = ("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "CHATORICAL_DATA_DIR")
PORTS = ("PORT", "SIMULATOR_PORT", "SHOP_PORT", "STRIPE_PORT")
TIMEOUT_SECONDS = 60


def free_ports(count: int) -> list[str]:
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [str(one.getsockname()[1]) for one in sockets]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    environment = {key: value for key, value in os.environ.items() if key not in OF_THE_SUITE}
    environment |= dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    environment["CHATORICAL_DATA_DIR"] = str(tmp_path)
    command = [str(paths.ROOT / "dev"), "demo"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as popen:
        yield popen, environment
        popen.terminate()


def wait_for(popen: subprocess.Popen[str], text: str) -> None:
    assert popen.stdout is not None
    said: list[str] = []
    for line in popen.stdout:
        said.append(line)
        if text in line:
            return
    pytest.fail("".join(said))


def get(port: str, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def wait_for_metric(port: str, name: str) -> str:
    """/metrics, as soon as it has this series."""
    deadline = monotonic() + TIMEOUT_SECONDS
    while name not in (metrics := get(port, "/metrics")):
        assert monotonic() < deadline, metrics
        # Nobody announces what a process counts.
        sleep(0.2)
    return metrics


def test_the_demo_is_ready_survives_a_kill_and_leaves_nothing(
    demo: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    popen, environment = demo
    wait_for(popen, "Chatorical is ready")
    assert json.loads(get(environment["PORT"], "/ready"))["ok"] is True
    assert get(environment["SIMULATOR_PORT"], "/health")
    page = get(environment["SHOP_PORT"], "/")
    assert f'data-widget-origin="http://127.0.0.1:{environment["PORT"]}"' in page
    assert re.search(r"\{\{\w+\}\}", page) is None

    # The worker's first call: any web process shows the figures of all.
    metrics = wait_for_metric(
        environment["PORT"], 'chatorical_telegram_calls_total{method="setWebhook",outcome="ok"}'
    )
    for role in ("web", "worker", "beat"):
        assert f'chatorical_processes{{role="{role}"}} 1.0' in metrics

    stripe = f"http://127.0.0.1:{environment['STRIPE_PORT']}"
    offered = re.search(r"/c/pay/\w+", get(environment["STRIPE_PORT"], "/"))
    assert offered is not None
    requests.post(stripe + offered[0], {"do": "pay"}, timeout=10, allow_redirects=False)
    wait_for_metric(
        environment["PORT"],
        'chatorical_outbox_attempts_total{kind="stripe.synchronize",outcome="done"}',
    )
    assert "trialing" in get(environment["STRIPE_PORT"], "/")

    everything = psutil.Process(popen.pid).children(recursive=True)
    (web,) = [process for process in everything if "uvicorn" in process.cmdline()]
    with open_widget(f"http://127.0.0.1:{environment['PORT']}") as widget:
        web.kill()
        assert widget.hear_the_end()
        assert widget.connect(), "it waits for the next process and counts no failure"
        assert widget.hear() == {"ok": True}
    wait_for(popen, "web is back")
    assert json.loads(get(environment["PORT"], "/ready"))["ok"] is True

    everything = psutil.Process(popen.pid).children(recursive=True)
    popen.send_signal(signal.SIGINT)
    assert popen.wait(timeout=TIMEOUT_SECONDS) == 0
    _, alive = psutil.wait_procs(everything, timeout=1)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_demo_on_other_ports_still_hears_the_agents(tmp_path: Path) -> None:
    """Its Telegram remembers the webhook of the last run, which nobody answers any more."""
    for _ in range(2):
        environment = {key: value for key, value in os.environ.items() if key not in OF_THE_SUITE}
        environment |= dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        environment["CHATORICAL_DATA_DIR"] = str(tmp_path)
        with subprocess.Popen(
            [str(paths.ROOT / "dev"), "demo"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as popen:
            try:
                wait_for(popen, "Chatorical is ready")
                answer_a_customer(tmp_path, environment)
            finally:
                popen.send_signal(signal.SIGINT)
            assert popen.wait(timeout=TIMEOUT_SECONDS) == 0


def answer_a_customer(data: Path, environment: dict[str, str]) -> None:
    """A customer writes, an agent claims and answers, and the answer arrives."""
    identity = json.loads((data / "demo" / "identity.json").read_text())
    bot_id = int(identity["bot_token"].partition(":")[0])
    address = f"http://127.0.0.1:{environment['SIMULATOR_PORT']}"
    with SimulatorClient(address) as simulator:
        agents = {"Ana": FIRST_AGENT_ID}
        group = SupportGroup(simulator, identity["support_group_id"], bot_id, agents)
        customer = arrive(f"http://127.0.0.1:{environment['PORT']}")
        socket = customer.socket()
        customer.send("Are you there?")
        topic = group.wait_for_topic(customer.codename, timeout_seconds=TIMEOUT_SECONDS)
        group.write("Ana", "/claim", topic.thread_id)
        group.write("Ana", "We are.", topic.thread_id)
        while socket.next_message()["text"] != "We are.":
            pass
        socket.close()


def test_a_taken_port_stops_the_demo_before_it_starts_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [str(paths.ROOT / "dev"), "demo"],
            env={**os.environ, "CHATORICAL_DATA_DIR": str(tmp_path), "SHOP_PORT": str(port)}
            | dict(zip(PORTS[:2], free_ports(2), strict=True)),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is taken by ")
    assert "SHOP_PORT=" in done.stderr
    assert not (tmp_path / "demo" / "postgres").exists()
