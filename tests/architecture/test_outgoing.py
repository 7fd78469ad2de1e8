"""Who opens connections to the outside: no tenant may say where to, and be carried inside by it."""

from tests.architecture.sources import all_sources

_CLIENTS = frozenset(
    {"aiohttp", "ftplib", "http.client", "httpx", "paramiko", "requests", "smtplib", "socket"}
    | {"stripe", "urllib.request", "urllib3", "websocket", "websockets"}
)
# Where, and who decides about the address.
OUTGOING = {
    "attachments/scanning.py": "CLAMAV_ADDRESS",
    "billing/stripe/api.py": "STRIPE_API_URL",
    "billing/stripe/failures.py": "opens none: it names the errors of Stripe's package",
    "channels_telegram/bot_api.py": "TELEGRAM_API_URL; of a tenant's only the token, by its shape",
    "channels_telegram/multipart.py": "opens none: it writes the form that bot_api.py sends",
    "kernel/watchdog.py": "systemd, where NOTIFY_SOCKET says",
    "deploy/healthcheck.py": "the container's own port",
}


def test_connections_go_out_at_these_places_only() -> None:
    found = {
        source.path
        for source in all_sources()
        for name in source.imports()
        if any(f"{name}.".startswith(f"{client}.") for client in _CLIENTS)
    }
    assert found == OUTGOING.keys()
