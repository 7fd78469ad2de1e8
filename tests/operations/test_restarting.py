"""One web process is replaced while callers keep coming, as under systemd with its socket unit."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from devtools import ports
from tests import customer
from tests.conftest import Stage
from tests.processes import Process

CALLERS = 4
# Hands the socket over as systemd does, by number and by who may take it.
_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv("deploy/run", ["deploy/run", "web"])
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """What systemd holds: a socket that listens, whoever accepts."""
    with ports.listen("127.0.0.1", 0) as listening:
        yield listening


def web_at(stage: Stage, listener: socket.socket) -> Process:
    """A web process as it is deployed, with the inherited socket."""
    environment = {
        **stage.product.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LISTEN_FDS": "1",
    }
    command = [sys.executable, "-c", _AS_SYSTEMD, str(listener.fileno())]
    return Process(command, environment, "Uvicorn running on", pass_fds=[listener.fileno()])


def read_answer(connection: socket.socket) -> bytes:
    """All that arrives until the other side ends the connection."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.usefixtures("committed_db")
def test_no_caller_is_refused_and_every_request_is_answered(
    stage: Stage, listener: socket.socket
) -> None:
    address = listener.getsockname()
    web = f"http://127.0.0.1:{address[1]}"
    process = web_at(stage, listener)
    is_over, answers = Event(), [list[int]() for _ in range(CALLERS)]

    def keep_calling(own: list[int]) -> None:
        """Each time with a new connection."""
        while not is_over.is_set():
            own.append(requests.get(f"{web}/v1/i18n/default/en", timeout=60).status_code)

    try:
        process.start()
        visitor = customer.arrive(web)
        open_socket = visitor.socket()
        with (
            ThreadPoolExecutor(CALLERS) as pool,
            socket.create_connection(address) as silent,
            socket.create_connection(address) as begun,
        ):
            # Of two who have connected and not asked, one has begun to.
            begun.sendall(b"GET /health HTTP/1.1\r\nHost: ")
            callers = [pool.submit(keep_calling, own) for own in answers]
            try:
                visitor.send("Do you ship to Riga?")
                old, process = process, web_at(stage, listener)
                old.signal_end()
                old.wait_for_log("Shutting down")
                silent.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                begun.sendall(b"localhost\r\n\r\n")
                for late in (silent, begun):
                    assert read_answer(late).startswith(b"HTTP/1.1 200 ")
                with pytest.raises(ConnectionClosed) as closed:
                    open_socket.next_that(lambda _frame: False)
                assert old.wait() == -signal.SIGTERM, "in good order: the server passes it on"
                process.start()
                visitor.send("And to Tartu?")
                counts = [len(own) for own in answers]
            finally:
                is_over.set()
            for caller in callers:
                caller.result()
        # "Service restart": whoever sees it comes again.
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert {status for own in answers for status in own} == {200}
        assert min(counts) > 0
        again = visitor.socket()
        again.say("Thank you")
        assert again.next_message()["text"] == "Thank you"
        texts = [message["text"] for message in visitor.history()["messages"]]
        assert texts == ["Do you ship to Riga?", "And to Tartu?", "Thank you"]
    finally:
        process.stop()
