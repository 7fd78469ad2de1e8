"""daphne stays a supported server: the same application, the same story."""

import sys

from tests import customer
from tests.conftest import Stage
from tests.processes import Process, free_port


def test_a_customer_writes_through_daphne(stage: Stage) -> None:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port)]
    server = Process(
        [*command, "chatorical.asgi:application"], stage.product.environment, "Listening on"
    )
    server.start()
    try:
        visitor = customer.arrive(f"http://127.0.0.1:{port}")
        socket = visitor.socket()
        socket.say("Is this daphne?")
        assert socket.next_where(direction="INBOUND")["text"] == "Is this daphne?"
        stage.group.wait_for_topic(visitor.codename)
        socket.close()
    finally:
        server.stop()
