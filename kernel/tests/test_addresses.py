"""Who is calling, behind however many proxies."""

import ipaddress
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from kernel import http

PROXY, SECOND_PROXY, CALLER = "10.0.0.1", "10.0.0.2", "203.0.113.9"


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> Iterator[None]:
    """10.0.0.0/8 is ours."""
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8")]
    http._is_trusted.cache_clear()
    yield
    http._is_trusted.cache_clear()


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        (CALLER, None, CALLER),
        (CALLER, "198.51.100.1", CALLER),
        (PROXY, None, PROXY),
        (PROXY, "", PROXY),
        (PROXY, CALLER, CALLER),
        (PROXY, f" {CALLER} ", CALLER),
        (PROXY, f"198.51.100.1, {CALLER}", CALLER),
        (PROXY, f"198.51.100.1, {CALLER}, {SECOND_PROXY}", CALLER),
        (PROXY, f"198.51.100.1,{CALLER},{SECOND_PROXY},{PROXY}", CALLER),
        (PROXY, f"{SECOND_PROXY}", SECOND_PROXY),
        # Nobody known, and not the proxy itself, which may see metrics and is not counted.
        (PROXY, f"198.51.100.1, nonsense, {SECOND_PROXY}", http.UNKNOWN_ADDRESS),
        (PROXY, "198.51.100.1, nonsense", http.UNKNOWN_ADDRESS),
        (PROXY, "unknown", http.UNKNOWN_ADDRESS),
        (PROXY, "127.1", http.UNKNOWN_ADDRESS),
        (CALLER, "unknown", CALLER),
        (PROXY, f"{CALLER}:4711", CALLER),
        (PROXY, f"198.51.100.1:4711, {CALLER}:4711, {SECOND_PROXY}:4711", CALLER),
        (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
        (PROXY, "[2001:db8::1]", "2001:db8::1"),
        (PROXY, " ", PROXY),
        (PROXY, ",,,", http.UNKNOWN_ADDRESS),
        (PROXY, ",", http.UNKNOWN_ADDRESS),
        (PROXY, "198.51.100.1,", http.UNKNOWN_ADDRESS),
        (PROXY, "198.51.100.1, ", http.UNKNOWN_ADDRESS),
        (PROXY, f"198.51.100.1,,{SECOND_PROXY}", http.UNKNOWN_ADDRESS),
        (PROXY, f",{CALLER}", CALLER),
        (None, ",", http.UNKNOWN_ADDRESS),
        (PROXY, "2001:db8::1", "2001:db8::1"),
        (PROXY, "2001:DB8:0::1", "2001:db8::1"),
        (PROXY, f"::ffff:{CALLER}", CALLER),
        (f"::ffff:{PROXY}", CALLER, CALLER),
        (f"::ffff:{CALLER}", "198.51.100.1", CALLER),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        (None, CALLER, CALLER),
        (None, None, "127.0.0.1"),
    ],
)
def test_the_address_is_the_last_that_none_of_ours_wrote(
    peer: str | None, forwarded_for: str | None, address: str
) -> None:
    assert http.client_address(peer, forwarded_for) == address


def test_nobody_known_is_trusted_with_nothing(settings: Settings) -> None:
    assert http.counted_network(http.UNKNOWN_ADDRESS) == http.UNKNOWN_ADDRESS
    assert not http.is_in(http.UNKNOWN_ADDRESS, tuple(settings.METRICS_ALLOW))
