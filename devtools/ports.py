"""Are the ports free that a run needs?"""

import socket
from collections.abc import Mapping

import psutil

from devtools.errors import LocalError, PortTaken

PORTS = range(1, 65536)
# As many as uvicorn lets wait; the kernel may cap it.
BACKLOG = 2048


def read(environment: Mapping[str, str], name: str, default: int) -> int:
    """The port in the variable `name`; raises LocalError when it is no port."""
    value = environment.get(name, "").strip() or str(default)
    if not value.isdecimal() or int(value) not in PORTS:
        raise LocalError(f"{name} is {value!r}. Use a port number from 1 to 65535.")
    return int(value)


def require_free(host: str, ports: Mapping[str, int]) -> None:
    """Raise PortTaken naming the first port that is taken, and the variable to change it."""
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            raise PortTaken(f"{seen[port]} and {name} are both {port}. Give each its own port.")
        seen[port] = name
        if not _is_free(host, port):
            raise PortTaken(
                f"Port {port} is taken{_holder(port)}. Stop that, or choose another: "
                f"{name}={_suggestion(host, port)}"
            )


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a connection of the last run that is still closing does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listen(host: str, port: int) -> socket.socket:
    """A socket on which connections wait until they are accepted; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # What is accepted from it inherits this; a server that inherits the socket does not set it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _suggestion(host: str, port: int) -> int:
    """A free port not far away."""
    candidates = (number for number in range(port + 100, port + 2000) if number in PORTS)
    return next((number for number in candidates if _is_free(host, number)), port)


def _holder(port: int) -> str:
    """` by python3 (pid 4711)`, or nothing when that may not be known."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, PermissionError):
        return ""
    for connection in connections:
        if (
            connection.status == psutil.CONN_LISTEN
            and connection.laddr
            and connection.laddr.port == port
            and connection.pid
        ):
            try:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.NoSuchProcess:
                return ""
    return ""


def any_free(host: str = "127.0.0.1") -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
