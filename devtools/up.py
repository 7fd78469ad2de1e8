"""`./dev up`: the product for real settings, from the environment or `.env`."""

import asyncio
import time

from devtools import environment, instance, paths, ports, roles, stack
from devtools.console import Console
from devtools.output import Output
from devtools.supervisor import Supervisor


def run(arguments: list[str], console: Console) -> int:
    """Run until Ctrl-C; returns 0 after a stop in good order."""
    stack.require_no_arguments_but({"--verbose"}, arguments, "up")
    root = paths.data_root()
    given = environment.with_dotenv(environment.inherited())
    port = ports.read(given, "PORT", stack.WEB_PORT)
    host = given.get("BIND_HOST") or stack.DEFAULT_HOST
    with instance.owned(root, "up"):
        ports.require_free(host, {"PORT": port})
        stack.require_usable_settings(given)
        logs = root / "logs"
        supervisor = Supervisor(Output(console, logs, verbose="--verbose" in arguments))
        console.say("Starting PostgreSQL, Redis, web, worker, beat …")
        asyncio.run(supervisor.run(lambda it: _start(it, given, console)))
    console.say("Stopped.", "faint")
    return 0


async def _start(supervisor: Supervisor, given: dict[str, str], console: Console) -> None:
    began = time.monotonic()
    surroundings = await stack.start_servers(supervisor, paths.data_root(), given)
    if roles.APPLICATION_ROLE in surroundings.get("DATABASE_URL", ""):
        console.say(
            "The login of DATABASE_URL bypasses row-level security, so every connection steps "
            f"down to the role {roles.APPLICATION_ROLE}, and migrations to {roles.OWNER_ROLE}.",
            "warn",
        )
    # The second does nothing without BOT_TOKEN.
    steps = ["migrate --no-input", "configure_default_channel", "renew_webhooks"]
    if surroundings.get("ENVIRONMENT") == "production":
        steps.append("collectstatic --no-input")
    await stack.manage(supervisor, surroundings, *steps)
    await supervisor.start(
        stack.web(surroundings), stack.worker(surroundings), stack.beat(surroundings)
    )
    port = ports.read(surroundings, "PORT", stack.WEB_PORT)
    host = stack.probe_host(surroundings.get("BIND_HOST") or stack.DEFAULT_HOST)
    console.say(f"Ready after {time.monotonic() - began:.1f} s: http://{host}:{port}", "good")
    console.say(f"Logs: {paths.data_root() / 'logs'}  (--verbose shows them here)", "faint")
    console.say("Ctrl-C stops all of it.", "faint")
