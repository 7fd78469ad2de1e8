"""DATABASE_URL with several hosts: a primary and its standbys, the one that takes writes wanted."""

from typing import Any
from urllib.parse import urlsplit

_PORT = "5432"


def want_the_primary(url: str, config: dict[str, Any]) -> None:
    """Complete Django's settings for an address that names several hosts.

    PostgreSQL's library takes the first host that answers, be it a standby that only reads, unless
    `target_session_attrs` says otherwise. A host without a port has the usual one.
    """
    config["HOST"] = config["HOST"].replace("[", "").replace("]", "")
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    if len(hosts) > 1:
        config["PORT"] = ",".join(_port(host) for host in hosts)
    options = config["OPTIONS"]
    if len(hosts) > 1 or "," in options.get("host", ""):
        options.setdefault("target_session_attrs", "read-write")


def _port(host: str) -> str:
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return port if colon and port else _PORT
