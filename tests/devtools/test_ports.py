"""A port in use is one line that names the port and the variable to change."""

import socket

import pytest

from devtools import ports
from devtools.errors import LocalError, PortTaken


def test_a_taken_port_is_named_with_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            ports.require_free("127.0.0.1", {"SHOP_PORT": port})
    message = str(refusal.value)
    assert f"Port {port} is taken" in message
    assert "SHOP_PORT=" in message
    assert "\n" not in message


def test_two_variables_cannot_share_a_port() -> None:
    with pytest.raises(PortTaken, match="PORT and SHOP_PORT are both 4999"):
        ports.require_free("127.0.0.1", {"PORT": 4999, "SHOP_PORT": 4999})


@pytest.mark.parametrize("value", ["0", "65536", "web", "-1", "4012.5"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(LocalError, match="PORT is"):
        ports.read({"PORT": value}, "PORT", 4012)


def test_an_empty_variable_means_the_default() -> None:
    assert ports.read({"PORT": " "}, "PORT", 4012) == 4012
