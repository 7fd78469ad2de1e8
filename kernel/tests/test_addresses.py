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
        (PROXY, f"198.51.100.1, nonsense, {SECOND_PROXY}", SECOND_PROXY),
        (PROXY, "198.51.100.1, nonsense", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, ",,,", PROXY),
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
