"""Rate limits of the platform that count by the caller's address, whatever tenant is meant."""

from kernel.http import counted_network
from tenants import rate_limits
from tenants.rate_limits import Dimension

WRONG_KEY = "wrong_key"
READY = "ready"
DOCS = "docs"


def take(bucket: str, address: str | None) -> None:
    """Count a call from an address in a bucket of PLATFORM_RATE_LIMITS; raises RateLimited.

    The own address of a trusted proxy is not counted: it stands for everybody behind the proxy, or
    is that of a program, such as a health check, of the operator's. None, for work without a
    caller, is not counted either.
    """
    network = None if address is None else counted_network(address)
    if network is not None:
        rate_limits.take(None, [Dimension(bucket, network)])
