"""Addresses that name several servers."""

from typing import Any

import environ
import pytest
from celery.app.base import Celery
from channels_redis.utils import create_pool

from chatorical.database_url import want_the_primary
from chatorical.redis_url import RedisUrl

_URL = "sentinel://us%3Aer:pa%40ss@one:26380,two,[::1]:26381/mymaster?db=3&sentinel_password=s"


def database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config.setdefault("OPTIONS", {})
    want_the_primary(url, config)
    return config


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("one,two", "one,two", "5432,5432"),
        ("one:5433,two", "one,two", "5433,5432"),
        ("one,two:5433", "one,two", "5432,5433"),
        ("[::1]:5433,[::2]", "::1,::2", "5433,5432"),
        ("u:p%40,w@one,two", "one,two", "5432,5432"),
    ],
)
def test_of_several_hosts_the_one_that_takes_writes_is_wanted(
    address: str, host: str, port: str
) -> None:
    config = database(f"postgres://{address}/chat")
    assert (config["HOST"], config["PORT"]) == (host, port)
    assert config["OPTIONS"] == {"target_session_attrs": "read-write"}


def test_sockets_of_several_servers_are_several_hosts() -> None:
    options = database("postgres://u@/chat?host=/one,/two")["OPTIONS"]
    assert options == {"host": "/one,/two", "target_session_attrs": "read-write"}


def test_what_is_said_about_the_session_stays_and_one_host_is_as_ever() -> None:
    said = database("postgres://one,two/chat?target_session_attrs=primary")
    assert said["OPTIONS"] == {"target_session_attrs": "primary"}
    alone = database("postgres://one:5433/chat")
    assert (alone["HOST"], alone["PORT"], alone["OPTIONS"]) == ("one", 5433, {})


def test_each_library_gets_the_sentinels_as_it_wants_them() -> None:
    address = RedisUrl.read(_URL)
    sentinels = address.sentinels
    assert sentinels is not None
    assert sentinels.nodes == (("one", 26380), ("two", 26379), ("::1", 26381))
    assert sentinels.login == {"db": 3, "username": "us:er", "password": "pa@ss"}
    assert sentinels.connection["password"] == "s"

    pool = create_pool(address.channel_layer_host(socket_timeout=None))
    assert (pool.service_name, pool.connection_kwargs["db"]) == ("mymaster", 3)

    app = Celery(broker=address.broker_url())
    app.conf.broker_transport_options = address.broker_options()
    connection = app.connection_for_write()
    assert connection.transport_cls == "sentinel"
    assert (connection.userid, connection.password) == ("us:er", "pa@ss")
    assert connection.alt[0].startswith("sentinel://us%3Aer:pa%40ss@one:26380/3")
    assert [part.rpartition("@")[2] for part in connection.alt] == [
        *("one:26380/3", "two:26379/3", "[::1]:26381/3")
    ]
    assert address.broker_options()["master_name"] == "mymaster"


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://:pw@one:6380/2", "redis://:pw@one:6380/2"),
        ("unix:///run/redis.sock?db=4", "redis+socket:///run/redis.sock?virtual_host=4"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_one_server_stays_one(url: str, broker: str) -> None:
    address = RedisUrl.read(url)
    assert address.channel_layer_host(socket_timeout=None)["address"] == url
    assert (address.broker_url(), address.broker_options()) == (broker, {})
