"""Looking up what callers name: what nobody has is counted by address, and ends being looked up.

A slug, a widget key and a page's origin cost a query each before any tenant is known whose limits
could count. Past the limit, an address gets 429 for all names that this process has not found
before, until the window ends; names that are known go on working there.
"""

import math
from collections.abc import Callable, Hashable
from time import monotonic
from typing import TypeVar

from kernel.errors import RateLimited
from kernel.http import counted_network
from tenants import rate_limits

_BUCKET = "unknown_name"
_MAX_REMEMBERED = 10_000

Found = TypeVar("Found")

# By their hashes, which are short whatever callers send.
_found: set[int] = set()
# Network → when its wait ends.
_refused_until: dict[str, float] = {}


def look_up(
    name: Hashable, find: Callable[[], Found | None], *, address: str | None
) -> Found | None:
    """What `find` finds, or None; raises RateLimited for an address that has named too many.

    `name` is all that the answer depends on. A trusted proxy's own address, or None, is not
    counted.
    """
    network = None if address is None else counted_network(address)
    if network is None:
        return find()
    if hash(name) not in _found:
        _require_no_wait(network)
    found = find()
    if found is not None:
        _remember(hash(name))
        return found
    try:
        rate_limits.take_for_address(_BUCKET, address)
    except RateLimited as refusal:
        if len(_refused_until) >= _MAX_REMEMBERED:
            _refused_until.clear()
        _refused_until[network] = monotonic() + (refusal.retry_after_seconds or 1)
        raise
    return None


def _require_no_wait(network: str) -> None:
    left = _refused_until.get(network, 0.0) - monotonic()
    if left > 0:
        rate_limits.count_refusal(_BUCKET)
        raise rate_limits.refused(_BUCKET, math.ceil(left))
    _refused_until.pop(network, None)


def _remember(name: int) -> None:
    if len(_found) >= _MAX_REMEMBERED:
        _found.clear()
    _found.add(name)
