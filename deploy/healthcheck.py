"""Is this container's process well? `python deploy/healthcheck.py web|worker`; 0 means yes."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 4


def web() -> bool:
    """The process answers. Its dependencies are the business of /ready, not of a restart."""
    port = os.environ.get("PORT", "4012")
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/health", timeout=TIMEOUT_SECONDS
        ) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError):
        return False


def worker() -> bool:
    """This container's own worker answers over the broker."""
    name = f"{os.environ.get('WORKER_NAME', 'worker')}@{socket.gethostname()}"
    ping = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable, "-m", "celery", "-A", "chatorical", "inspect", "ping",
            "--destination", name, "--timeout", str(TIMEOUT_SECONDS),
        ],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return ping.returncode == 0


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker}[sys.argv[1]]() else 1)
