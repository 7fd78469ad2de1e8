"""A small run for the supervisor's tests: `python -m tests.devtools.fake_run DIRECTORY KIND…`.

Each KIND is a service: `redis` (the embedded one), `polite`, `stubborn` (ignores SIGTERM),
`forking` (leaves a grandchild), `broken` (ends at once). Prints `all is ready` when all are ready.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from devtools import service
from devtools.console import Console
from devtools.errors import LocalError
from devtools.output import Output
from devtools.redis import EmbeddedRedis
from devtools.service import Service
from devtools.supervisor import Supervisor

SCRIPTS = {
    "polite": "import signal; print('ready', flush=True); signal.pause()",
    "stubborn": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    ),
    "forking": (
        "import signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print('grandchild', child.pid, flush=True); print('ready', flush=True); signal.pause()"
    ),
    "broken": "import sys; sys.exit('the reason is here')",
}


def make(kind: str, directory: Path) -> Service:
    if kind == "redis":
        return service.from_server(EmbeddedRedis(directory / "redis"))
    return Service(
        name=kind,
        argv=lambda: [sys.executable, "-c", SCRIPTS[kind]],
        environment=dict(os.environ),
        ready_line="ready",
        ready_timeout_seconds=20,
        stop_signals=((signal.SIGTERM, 0.5),),
    )


async def start(supervisor: Supervisor, directory: Path, kinds: list[str]) -> None:
    for kind in kinds:
        await supervisor.start(make(kind, directory))
    Console().say("all is ready")


def main() -> int:
    directory, kinds = Path(sys.argv[1]), sys.argv[2:]
    supervisor = Supervisor(Output(Console(), directory / "logs", verbose=True))
    try:
        asyncio.run(supervisor.run(lambda it: start(it, directory, kinds)))
    except LocalError as error:
        Console().say(f"refused: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
