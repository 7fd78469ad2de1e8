"""`./dev chaos`: hands over to `tests.chaos`, which brings servers of its own to break."""

import subprocess
import sys

from devtools import environment, paths, servers
from devtools.console import Console


def run(arguments: list[str], console: Console) -> int:
    """Run `python -m tests.chaos …`; returns its exit code, 1 when the audit found something."""
    given = environment.without_dotenv(servers.without_libpq_variables(environment.inherited()))
    command = [sys.executable, "-m", "tests.chaos", *arguments]
    # Ctrl-C reaches it as well, and it ends its processes by itself: wait for that.
    with subprocess.Popen(command, cwd=paths.ROOT, env=given) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.wait()
            return 130
