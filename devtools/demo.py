"""`./dev demo`: the whole product with a simulated Telegram, on one screen."""

import asyncio
import sys
import time
from pathlib import Path

from devtools import demo_identity, environment, http_probe, instance, paths, ports, stack
from devtools.console import Console
from devtools.demo_identity import DemoIdentity
from devtools.output import Output
from devtools.service import Service
from devtools.supervisor import Supervisor, together

AGENTS = "Ana,Greg,Mia"
PORT_DEFAULTS = {
    "PORT": stack.WEB_PORT,
    "SIMULATOR_PORT": stack.SIMULATOR_PORT,
    "SHOP_PORT": stack.SHOP_PORT,
    "STRIPE_PORT": stack.STRIPE_PORT,
}


def run(arguments: list[str], console: Console) -> int:
    """Run until Ctrl-C; returns 0 after a stop in good order."""
    stack.require_no_arguments_but({"--verbose"}, arguments, "demo")
    directory = paths.data_root() / "demo"
    given = environment.inherited()
    chosen = {name: ports.read(given, name, default) for name, default in PORT_DEFAULTS.items()}
    with instance.owned(directory, "demo"):
        ports.require_free(stack.DEFAULT_HOST, chosen)
        identity = demo_identity.load(directory)
        surroundings = demo_environment(given, directory, identity, chosen)
        output = Output(console, directory / "logs", verbose="--verbose" in arguments)
        demo = Demo(directory, identity, surroundings, chosen, console)
        asyncio.run(Supervisor(output).run(demo.start))
    console.say("Stopped. The conversations are kept for the next ./dev demo.", "faint")
    return 0


def demo_environment(
    given: dict[str, str], directory: Path, identity: DemoIdentity, chosen: dict[str, int]
) -> dict[str, str]:
    """What the demo's processes see: the caller's environment with made-up settings over it."""
    return {
        **environment.without_dotenv(given),
        **identity.environment(),
        "ENVIRONMENT": "development",
        "CHATORICAL_DATA_DIR": str(directory),
        "BIND_HOST": stack.DEFAULT_HOST,
        "PORT": str(chosen["PORT"]),
        "PUBLIC_ORIGIN": f"http://{stack.DEFAULT_HOST}:{chosen['PORT']}",
        "TELEGRAM_API_URL": f"http://{stack.DEFAULT_HOST}:{chosen['SIMULATOR_PORT']}",
        "STRIPE_API_URL": f"http://{stack.DEFAULT_HOST}:{chosen['STRIPE_PORT']}",
    }


class Demo:
    """One run of the demo: what it starts, in which order, and what it says then."""

    def __init__(
        self,
        directory: Path,
        identity: DemoIdentity,
        surroundings: dict[str, str],
        chosen: dict[str, int],
        console: Console,
    ) -> None:
        self._directory = directory
        self._identity = identity
        self._surroundings = surroundings
        self._origins = {
            name: f"http://{stack.DEFAULT_HOST}:{port}" for name, port in chosen.items()
        }
        self._ports = chosen
        self._console = console

    async def start(self, supervisor: Supervisor) -> None:
        """Start everything in order; returns when the addresses have been shown."""
        began = time.monotonic()
        self._console.say("Starting PostgreSQL, Redis, the simulators, web, worker, beat …")
        surroundings = await stack.start_servers(supervisor, self._directory, self._surroundings)
        # The simulators and the shop wait for nobody; the tables and the channel come before the
        # processes that read them.
        await together(
            supervisor.start(
                self._simulator(surroundings), self._stripe(surroundings), self._shop(surroundings)
            ),
            self._prepare_database(supervisor, surroundings),
        )
        await stack.manage(
            supervisor, surroundings, "stripe_catalogue", "payment_page default --plan team"
        )
        await supervisor.start(
            stack.web(surroundings), stack.worker(surroundings), stack.beat(surroundings)
        )
        self._show(time.monotonic() - began)

    @staticmethod
    async def _prepare_database(supervisor: Supervisor, surroundings: dict[str, str]) -> None:
        await stack.manage(
            supervisor,
            surroundings,
            "migrate --no-input",
            "seed_demo",
            "configure_default_channel",
            "renew_webhooks",
        )

    def _simulator(self, surroundings: dict[str, str]) -> Service:
        port = self._ports["SIMULATOR_PORT"]
        state = self._directory / "simulator.json"
        return Service(
            name="simulator",
            argv=lambda: [
                sys.executable, "-m", "telegram_simulator",
                "--host", stack.DEFAULT_HOST, "--port", str(port), "--state", str(state),
                f"--group-id={self._identity.support_group_id}",
                "--group-title", "Loam support", "--agents", AGENTS,
            ],
            environment=surroundings,
            answers=http_probe.answers_ok(stack.DEFAULT_HOST, port, "/health"),
        )  # fmt: skip

    def _stripe(self, surroundings: dict[str, str]) -> Service:
        port = self._ports["STRIPE_PORT"]
        state = self._directory / "stripe.json"
        return Service(
            name="stripe",
            argv=lambda: [
                sys.executable, "-m", "stripe_simulator",
                "--host", stack.DEFAULT_HOST, "--port", str(port), "--state", str(state),
                "--webhook-url", f"{self._origins['PORT']}/v1/stripe/webhook",
            ],
            environment=surroundings,
            answers=http_probe.answers_ok(stack.DEFAULT_HOST, port, "/health"),
        )  # fmt: skip

    def _shop(self, surroundings: dict[str, str]) -> Service:
        port = self._ports["SHOP_PORT"]
        return Service(
            name="shop",
            argv=lambda: [
                sys.executable, "-m", "devtools.shop",
                "--host", stack.DEFAULT_HOST, "--port", str(port),
                "--widget", self._origins["PORT"], "--group", self._origins["SIMULATOR_PORT"],
            ],
            environment=surroundings,
            answers=http_probe.answers_ok(stack.DEFAULT_HOST, port, "/"),
        )  # fmt: skip

    def _show(self, seconds: float) -> None:
        console, origins = self._console, self._origins
        console.say()
        console.say(f"  Chatorical is ready ({seconds:.1f} s).", "bold")
        console.say()
        rows = (
            ("Shop with the widget", origins["SHOP_PORT"]),
            ("The widget's options", f"{origins['SHOP_PORT']}/playground"),
            ("Agents' Telegram group", origins["SIMULATOR_PORT"]),
            ("Stripe, to pay or not", origins["STRIPE_PORT"]),
            ("Admin", f"{origins['PORT']}/admin/"),
            ("", f"{demo_identity.ADMIN_EMAIL}  {self._identity.admin_password}"),
            ("Metrics", f"{origins['PORT']}/metrics"),
            ("Logs", str(self._directory / "logs")),
        )
        for title, value in rows:
            shown = console.style(value, "link") if value.startswith("http") else value
            console.say(f"  {title:<24}{shown}")
        console.say()
        console.say("  Write in the shop's chat, press Claim in the group, answer there.", "faint")
        console.say("  Ctrl-C stops all of it; rm -r .data/demo forgets it.", "faint")
        console.say()
