"""`./dev bench`: hands over to the `bench` package with durable servers of its own."""

import subprocess
import sys

from devtools import environment, instance, paths, servers
from devtools.console import Console


def run(arguments: list[str], console: Console) -> int:
    """Run `python -m bench …`; returns its exit code."""
    directory = paths.data_root() / "bench"
    given = environment.without_dotenv(servers.without_libpq_variables(environment.inherited()))
    with (
        instance.owned(directory, "bench"),
        servers.running(directory, given) as added,
    ):
        surroundings = {**given, **added, "CHATORICAL_DATA_DIR": str(directory)}
        command = [sys.executable, "-m", "bench", *arguments]
        try:
            return subprocess.run(command, cwd=paths.ROOT, env=surroundings).returncode
        except KeyboardInterrupt:
            return 130
