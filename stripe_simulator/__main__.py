"""Command line: `python -m stripe_simulator --port 4015`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from stripe_simulator.deliveries import Deliverer
from stripe_simulator.server import Simulator


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="python -m stripe_simulator",
        description="A local Stripe: checkout page, portal, subscriptions, signed events.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4015)
    parser.add_argument("--webhook-url", help="where events are delivered")
    parser.add_argument("--state", type=Path, help="file that keeps everything over a restart")
    arguments = parser.parse_args()
    simulator = Simulator(arguments.host, arguments.port)
    simulator.store.open(arguments.state)
    secret = os.environ.get("STRIPE_WEBHOOK_SECRET", "")
    deliverer = Deliverer(arguments.webhook_url, secret) if arguments.webhook_url else None
    if deliverer is not None:
        simulator.store.on_event = deliverer.offer
        deliverer.start()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    simulator.start()
    sys.stdout.write(f"listening on {simulator.base_url}\n")
    sys.stdout.flush()
    ended.wait()
    simulator.stop()
    if deliverer is not None:
        deliverer.stop()


if __name__ == "__main__":
    main()
