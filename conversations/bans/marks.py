"""By what a customer who comes back is known without storing who they are."""

from uuid import UUID

from kernel.http import counted_network
from tenants.crypto.sealing import lookup_hash


def mark_of_network(tenant_id: UUID, address: str) -> str:
    """Of an IPv4 address or an IPv6 network; empty where a proxy does not say for whom it asks."""
    network = counted_network(address)
    return "" if network is None else lookup_hash(f"ban|{tenant_id}|network|{network}")


def mark_of_key(tenant_id: UUID, public_key: bytes) -> str:
    """Of a browser, by the public half of its key."""
    return lookup_hash(f"ban|{tenant_id}|key|{public_key.hex()}")
