"""REDIS_URL as each of the three libraries wants it: one server, or what Sentinels say."""

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit

_SENTINEL_PORT = 26379
_SCHEMES = frozenset({"redis", "rediss", "unix", "sentinel"})
# A Sentinel that does not answer is passed over for the next one.
_SENTINEL_TIMEOUT_SECONDS = 1.0

Node = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Who knows which server is the primary at this moment, and how to log in to it."""

    nodes: tuple[Node, ...]
    primary: str
    """The name under which they watch it."""
    login: dict[str, Any] = field(default_factory=dict)
    """`db`, `username` and `password` of the servers."""
    own_login: dict[str, Any] = field(default_factory=dict)
    """The same of the Sentinels themselves."""

    @classmethod
    def read(cls, parts: SplitResult) -> Self:
        """From `sentinel://:password@one:26379,two/mymaster?db=0&sentinel_password=…`."""
        user, _, hosts = parts.netloc.rpartition("@")
        username, _, password = user.partition(":")
        nodes = tuple(_node(host) for host in hosts.split(","))
        primary = parts.path.strip("/")
        if not primary or "/" in primary:
            raise ValueError(
                "must end with the name of the primary: sentinel://host:26379/mymaster."
            )
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        db = query.pop("db", "0")
        own = {
            name: query.pop(f"sentinel_{name}")
            for name in ("username", "password")
            if f"sentinel_{name}" in query
        }
        if query or not db.isdecimal():
            raise ValueError(
                "may have the parameters db, a number, sentinel_username and sentinel_password."
            )
        login = {"username": unquote(username), "password": unquote(password)}
        given = {name: value for name, value in login.items() if value}
        return cls(nodes, primary, {"db": int(db), **given}, own)

    @property
    def connection(self) -> dict[str, Any]:
        """How to connect to the Sentinels themselves."""
        timeout = _SENTINEL_TIMEOUT_SECONDS
        return {"socket_timeout": timeout, "socket_connect_timeout": timeout, **self.own_login}

    def broker_url(self) -> str:
        """Celery's way to write them."""
        user = ":".join(
            quote(self.login.get(name, ""), safe="") for name in ("username", "password")
        )
        at = f"{user}@" if user != ":" else ""
        return ";".join(
            f"sentinel://{at}{_bracketed(host)}:{port}/{self.login['db']}"
            for host, port in self.nodes
        )


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """Where Redis is."""

    url: str
    sentinels: Sentinels | None = None

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError with what is wrong, in words that follow the setting's name."""
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES:
            raise ValueError("must start with redis://, rediss://, unix:// or sentinel://.")
        return cls(url, Sentinels.read(parts) if parts.scheme == "sentinel" else None)

    def channel_layer_host(self, **options: Any) -> dict[str, Any]:
        """An entry of the channel layer's `hosts`."""
        if self.sentinels is None:
            return {"address": self.url, **options}
        return {
            "sentinels": list(self.sentinels.nodes),
            "master_name": self.sentinels.primary,
            "sentinel_kwargs": self.sentinels.connection,
            **self.sentinels.login,
            **options,
        }

    def broker_url(self) -> str:
        """For Celery."""
        if self.sentinels is not None:
            return self.sentinels.broker_url()
        parts = urlsplit(self.url)
        if parts.scheme != "unix":
            return self.url
        query = parse_qs(parts.query)
        host = urlencode({"virtual_host": query.get("db", ["0"])[-1]})
        return f"redis+socket://{parts.path}?{host}"

    def broker_options(self) -> dict[str, Any]:
        """What Celery's transport needs beside the URL."""
        if self.sentinels is None:
            return {}
        return {
            "master_name": self.sentinels.primary,
            "sentinel_kwargs": self.sentinels.connection,
        }


def _node(host: str) -> Node:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        name, port = None, None
    if not name:
        raise ValueError("must name the Sentinels: sentinel://one:26379,two:26379/mymaster.")
    return name, port or _SENTINEL_PORT


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
