"""`./dev manage …`: Django's command line with a database behind it."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools import environment, instance, paths, servers
from devtools.console import Console


def run(arguments: list[str], console: Console) -> int:
    """Run manage.py against the run that is on, else against the data of `./dev up`.

    With `./dev demo` on (and no `up`), that is the demo's database. When nothing runs, the
    embedded servers are started for the length of the command. DATABASE_URL and REDIS_URL, from
    the environment or `.env`, come before all of this.
    """
    with servers_of_checkout(console) as surroundings:
        command = [sys.executable, str(paths.ROOT / "manage.py"), *arguments]
        try:
            return subprocess.run(command, env=surroundings).returncode
        except KeyboardInterrupt:
            return 130


@contextmanager
def servers_of_checkout(console: Console) -> Iterator[dict[str, str]]:
    """The environment of a command that works on this checkout's data, its servers running."""
    given = environment.inherited()
    root = paths.data_root()
    demo = root / "demo"
    if instance.is_owned(demo) and not instance.is_owned(root):
        console.say(f"Using the demo that is running ({demo}).", "faint")
        yield _joined(demo, environment.without_dotenv(given))
        return
    surroundings = environment.with_dotenv(given)
    if instance.is_owned(root):
        yield _joined(root, surroundings)
        return
    with (
        instance.owned(root, "manage"),
        servers.running(root, surroundings) as added,
    ):
        yield {**servers.without_libpq_variables(surroundings), **added}


def _joined(directory: Path, surroundings: Mapping[str, str]) -> dict[str, str]:
    """The environment to share the servers of a run that is on."""
    embedded = servers.embedded_for(directory, surroundings)
    return {
        **servers.without_libpq_variables(surroundings),
        **servers.addresses_of(embedded.values()),
        **servers.bound_database(surroundings),
        "CHATORICAL_DATA_DIR": str(directory),
    }
