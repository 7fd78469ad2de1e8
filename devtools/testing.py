"""`./dev test`: the whole suite with everything it needs, or the part that the arguments name."""

import os
import subprocess
import sys

from devtools import chromium, environment, instance, node, paths, servers
from devtools.console import Console
from devtools.errors import LocalError

MAX_WORKERS = 8
INTERRUPT_TIMEOUT_SECONDS = 20
# With one of these the caller has decided how pytest spreads its work, or wants none spread.
DECIDES_WORKERS = ("-n", "--numprocesses", "--pdb", "--trace", "--collect-only", "-h")
# `--quick`: what is tested in pytest's own process, against PostgreSQL and Redis alone.
QUICK = "--quick"
QUICK_FOLDERS = (
    *("kernel", "tenants", "conversations", "attachments", "channels_telegram", "outbox"),
    "templates_i18n",
    *("billing", "chatorical", "tests/architecture", "tests/isolation", "tests/attacks"),
)


def run(arguments: list[str], console: Console) -> int:
    """Run pytest with `arguments` passed through; returns its exit code.

    Embedded servers run under `.data/test` (`test-2` … beside another run), one set for all
    xdist workers: each worker has its own database in them. With DATABASE_URL and REDIS_URL set,
    those are used. Without arguments the widget's own tests run too, where Node.js is at hand.
    With `--quick` only the tests run that start no program, and no browser is looked for.
    """
    given = environment.inherited()
    surroundings = environment.without_dotenv(servers.without_libpq_variables(given))
    if QUICK not in arguments:
        surroundings["CHROMIUM_PATH"] = str(chromium.find_or_install(surroundings, console))
    with (
        instance.owned_test_directory(paths.data_root(), "test") as directory,
        servers.running(directory, surroundings, throwaway=True) as added,
    ):
        surroundings |= {**added, "CHATORICAL_DATA_DIR": str(directory)}
        selected = [_absolute(argument) for argument in _chosen(arguments)]
        command = [sys.executable, "-m", "pytest", *_workers(arguments), *selected]
        # pytest stays in our foreground group: Ctrl-C reaches it, and its summary is printed.
        code = _wait(subprocess.Popen(command, cwd=paths.ROOT, env=surroundings))
    return code if arguments else code or _test_widget(console)


def _test_widget(console: Console) -> int:
    try:
        program = node.npm()
        node.ensure_packages(console)
    except LocalError as error:
        console.say(f"The widget's unit tests were not run. {error}", "warn")
        return 0
    return _wait(subprocess.Popen([program, "--prefix", str(node.WIDGET), "test"], cwd=paths.ROOT))


def _chosen(arguments: list[str]) -> list[str]:
    """`arguments` for pytest: `--quick` becomes a marker, and its folders where none is named."""
    if QUICK not in arguments:
        return arguments
    others = [argument for argument in arguments if argument != QUICK]
    named = any(os.path.exists(argument.partition("::")[0]) for argument in others)
    folders = [] if named else [str(paths.ROOT / folder) for folder in QUICK_FOLDERS]
    return ["-m", "not processes", *others, *folders]


def _workers(arguments: list[str]) -> list[str]:
    """xdist's options: as many workers as cores, none for a single test."""
    # Not by its beginning: `--cov` begins with it.
    if "--co" in arguments or any(argument.startswith(DECIDES_WORKERS) for argument in arguments):
        return []
    if sum("::" in argument for argument in arguments) == 1:
        return []
    count = min(os.cpu_count() or 1, MAX_WORKERS)
    # By file, so that what a file's tests share is made once.
    return ["-n", str(count), "--dist", "loadfile"] if count > 1 else []


def _absolute(argument: str) -> str:
    """`argument` with a path that exists where the caller stands made absolute."""
    path, separator, test = argument.partition("::")
    if argument.startswith("-") or not os.path.exists(path):
        return argument
    return os.path.abspath(path) + separator + test


def _wait(child: subprocess.Popen[bytes]) -> int:
    """The child's exit code. Ctrl-C reaches it as well, so its own ending is awaited."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        try:
            return child.wait(timeout=INTERRUPT_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()
