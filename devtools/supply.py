"""What the product is made of: every package pinned by its hashes, and the list in CycloneDX."""

import subprocess
import sys
from pathlib import Path

from devtools import environment, node, paths
from devtools.console import Console
from devtools.errors import LocalError

# The oldest Python that is supported; markers in the files tell the others apart.
_OLDEST_PYTHON = "3.11"
_LOCK = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-config"),
    *("--universal", "--generate-hashes", "--python-version", _OLDEST_PYTHON),
    *("--custom-compile-command", "./dev lock"),
)


def lock(arguments: list[str], console: Console) -> int:
    """`./dev lock`: write requirements.txt and requirements-dev.txt, which have the product's too.

    What is pinned already keeps its version unless `requirements*.in` asks for another;
    `arguments` are uv's, such as `--upgrade`.
    """
    for written, sources in (
        ("requirements.txt", ("requirements.in",)),
        ("requirements-dev.txt", ("-c", "requirements.txt", "requirements-dev.in")),
    ):
        command = [*_LOCK, *sources, "--output-file", written, *arguments]
        code = subprocess.run(command, cwd=paths.ROOT).returncode
        if code != 0:
            return code
        console.say(written, "good")
    return 0


def sbom(arguments: list[str], console: Console) -> int:
    """`./dev sbom`: python.cdx.json and widget.cdx.json in the folder that `arguments` name.

    Without one, in `.data/sbom`. Raises LocalError when a list cannot be made.
    """
    folder = Path(arguments[0]).resolve() if arguments else paths.data_root() / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    lock_file = str(paths.ROOT / "requirements.txt")
    python = (sys.executable, "-m", "cyclonedx_py", "requirements", lock_file)
    npm = (node.npm(), "sbom", "--sbom-format", "cyclonedx", "--package-lock-only")
    for name, command, place in (
        ("python.cdx.json", python, paths.ROOT),
        ("widget.cdx.json", npm, node.WIDGET),
    ):
        done = subprocess.run(
            command, cwd=place, env=environment.inherited(), capture_output=True, text=True
        )
        if done.returncode != 0:
            raise LocalError(f"{name} cannot be made:\n{done.stderr.strip()}")
        (folder / name).write_text(done.stdout)
        console.say(str(folder / name), "good")
    return 0
