"""`./dev lint`, `types`, `check`: the static checks, each a line with its time; all of them run."""

import base64
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from devtools import environment, instance, node, paths, servers
from devtools.console import Console
from devtools.errors import LocalError

PACKAGES = (
    "chatorical", "tenants", "conversations", "attachments", "channels_telegram", "outbox",
    "templates_i18n", "billing", "kernel", "devtools", "telegram_simulator", "stripe_simulator",
    "bench", "tests",
)  # fmt: skip
PYTHON = sys.executable
MANAGE = str(paths.ROOT / "manage.py")


@dataclass(frozen=True)
class Check:
    """One command that must end with 0."""

    name: str
    command: tuple[str, ...]
    extra_environment: Mapping[str, str] | None = None
    prints_figures: bool = False
    """Its output is shown when it passes, too."""


LINT = (
    Check("ruff check", (PYTHON, "-m", "ruff", "check", "--output-format", "concise", ".")),
    Check(
        "ruff format",
        (PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", "."),
    ),
    Check(
        "layers", (PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()")
    ),
)


def lint(arguments: list[str], console: Console) -> int:
    """Style and layers."""
    return _run_all(LINT, environment.inherited(), console)


def types(arguments: list[str], console: Console) -> int:
    """mypy over every package."""
    with _surroundings() as surroundings:
        return _run_all(_types(), surroundings, console)


def check(arguments: list[str], console: Console) -> int:
    """Every static check there is; returns 1 when any fails."""
    with _surroundings() as surroundings:
        problems = _run_all((*LINT, *_security(), *_types(), *_django()), surroundings, console)
        problems |= _run_all(_deployment(), surroundings, console)
        problems |= _widget(surroundings, console)
    return problems


def _types() -> tuple[Check, ...]:
    present = [name for name in PACKAGES if (paths.ROOT / name).is_dir()]
    return (Check("mypy", (PYTHON, "-m", "mypy", *present)),)


def _security() -> tuple[Check, ...]:
    """Only what serves: tests and benches may do what a product must not."""
    served = [name for name in PACKAGES if name not in ("bench", "tests")]
    command = (PYTHON, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *served)
    return (Check("bandit", command),)


def _django() -> tuple[Check, ...]:
    return (
        Check("migrations", (PYTHON, MANAGE, "makemigrations", "--check", "--dry-run")),
        Check("django check", (PYTHON, MANAGE, "check", "--fail-level", "WARNING")),
        Check(
            "deploy check",
            (PYTHON, MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
            _production(),
        ),
    )


def _production() -> dict[str, str]:
    """Settings as a production would have them, for `check --deploy`."""
    return {
        "ENVIRONMENT": "production",
        "PUBLIC_ORIGIN": "https://chat.example.com",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "CONVERSATION_JWT_SECRET": secrets.token_urlsafe(48),
        "SERVICE_TOKEN": secrets.token_urlsafe(48),
        "KMS_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _deployment() -> tuple[Check, ...]:
    return (Check("deployment files", (PYTHON, "-m", "devtools.deployment_files")),)


def _widget(surroundings: Mapping[str, str], console: Console) -> int:
    """The committed widget is what its sources build to; needs Node."""
    if not (paths.ROOT / "widget" / "package.json").exists():
        return 0
    try:
        node.ensure_packages(console)
    except LocalError as error:
        console.say(f"{console.style('✗', 'bad')} widget")
        console.say(str(error))
        return 1
    command = (node.npm(), "--silent", "--prefix", "widget", "run", "check")
    return _run_all(
        (Check("widget", command, prints_figures=True),),
        surroundings,
        console,
    )


@contextmanager
def _surroundings() -> Iterator[dict[str, str]]:
    """The environment of the checks that load Django, with throwaway servers behind it."""
    root = paths.data_root()
    given = environment.without_dotenv(servers.without_libpq_variables(environment.inherited()))
    with (
        instance.owned_test_directory(root, "check") as directory,
        servers.running(directory, given, throwaway=True) as added,
    ):
        yield {**given, **added, "CHATORICAL_DATA_DIR": str(directory)}


def _run_all(checks: tuple[Check, ...], surroundings: Mapping[str, str], console: Console) -> int:
    """Run each to its end, whatever the others do; 1 when any failed."""
    failed = 0
    for one in checks:
        began = time.monotonic()
        done = subprocess.run(
            one.command,
            cwd=paths.ROOT,
            env={**surroundings, **(one.extra_environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        mark = console.style("✓", "good") if done.returncode == 0 else console.style("✗", "bad")
        console.say(f"{mark} {one.name:<18}{time.monotonic() - began:6.1f} s")
        if done.returncode != 0:
            failed = 1
        if done.returncode != 0 or one.prints_figures:
            console.say("\n".join(f"    {line}" for line in done.stdout.strip().splitlines()))
    return failed
