"""The processes of the product, as services for the supervisor."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools import environment as variables
from devtools import http_probe, paths, ports, process, servers, service
from devtools.errors import LocalError
from devtools.service import Service
from devtools.supervisor import Supervisor

DEFAULT_HOST = "127.0.0.1"
WEB_PORT, SIMULATOR_PORT, SHOP_PORT, STRIPE_PORT = 4012, 4013, 4014, 4015


def _deployed(name: str) -> list[str]:
    """The command of a process, kept in one place for every way of running it."""
    return ["/bin/sh", str(paths.ROOT / "deploy" / "run"), name]


def probe_host(bind_host: str) -> str:
    """Where to reach a server that listens on `bind_host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind_host, bind_host)  # noqa: S104


def web(environment: Mapping[str, str]) -> Service:
    """The ASGI server; ready when /ready says so.

    We hold its listening socket for as long as we live: while it is started again, connections wait
    instead of being refused. Widgets give a conversation up after three refusals in 1.5 seconds.
    """
    bind_host = environment.get("BIND_HOST") or DEFAULT_HOST
    port = ports.read(environment, "PORT", WEB_PORT)
    try:
        listener = ports.listen(bind_host, port)
    except OSError as error:
        raise LocalError(f"Cannot listen on {bind_host}, port {port}: {error.strerror}.") from error

    def popen_options() -> process.PopenOptions:
        options = process.popen_options(death_signal=signal.SIGKILL)
        return {**options, "pass_fds": [listener.fileno()]}

    return Service(
        name="web",
        argv=lambda: _deployed("web"),
        environment={**environment, "WEB_LISTEN_FD": str(listener.fileno())},
        answers=http_probe.answers_ok(probe_host(bind_host), port, "/ready"),
        popen_options=popen_options,
    )


def worker(environment: Mapping[str, str]) -> Service:
    """The Celery worker; a stop lets the deliveries in hand finish."""
    return Service(
        name="worker",
        argv=lambda: _deployed("worker"),
        environment={**environment, "WORKER_LOG_LEVEL": "INFO"},
        ready_line=" ready.",
    )


def beat(environment: Mapping[str, str]) -> Service:
    """The Celery scheduler."""
    return Service(
        name="beat",
        argv=lambda: _deployed("beat"),
        environment={**environment, "WORKER_LOG_LEVEL": "INFO"},
        # The last line of its banner; what it logs after that is a matter of the log level.
        ready_line=". maxinterval ->",
    )


def require_usable_settings(environment: Mapping[str, str]) -> None:
    """Raise LocalError with the line that the product itself stops with, before anything runs."""
    to_come = {"DATABASE_URL": "postgres://127.0.0.1/chatorical", "REDIS_URL": "redis://127.0.0.1"}
    embedded = {
        name: url for name, url in to_come.items() if variables.find(environment, name) is None
    }
    done = subprocess.run(
        [sys.executable, "-c", "import chatorical.settings"],
        cwd=paths.ROOT,
        env={**environment, **embedded},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise LocalError(done.stderr.strip())


async def start_servers(
    supervisor: Supervisor, directory: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    """Start the embedded servers that are needed; the environment with their addresses."""
    embedded = servers.embedded_for(directory, environment)
    await supervisor.start(*(service.from_server(server) for server in embedded.values()))
    return {
        **servers.without_libpq_variables(environment),
        **servers.addresses_of(embedded.values()),
        **servers.bound_database(environment),
        # What a process says is shown, and looked at for "ready", when it says it.
        "PYTHONUNBUFFERED": "1",
    }


async def manage(supervisor: Supervisor, environment: Mapping[str, str], *steps: str) -> None:
    """Run management commands one after another; raises ProcessFailed."""
    command = [sys.executable, "-m", "devtools.management_steps", *steps]
    await supervisor.run_step("preparation", command, environment)


def require_no_arguments_but(allowed: set[str], arguments: list[str], word: str) -> None:
    """Refuse an option that the word does not know."""
    for argument in arguments:
        if argument not in allowed:
            raise LocalError(
                f"./dev {word} does not know {argument!r}. It knows: {', '.join(sorted(allowed))}."
            )
