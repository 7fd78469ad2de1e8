"""Programs that Debian packages and PyPI does not."""

import os
import shutil
import subprocess

# Debian keeps servers where an ordinary user's PATH does not lead.
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))


def find_or_install(program: str, package: str) -> str:
    """The program's path, from Debian's package when root; else fails and says what to install."""
    found = shutil.which(program, path=_PLACES)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-q"], ["install", "-qy", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *words], env=quiet, capture_output=True)
        found = shutil.which(program, path=_PLACES)
    assert found is not None, (
        f"These tests need {program}, and it could not be installed. Install it "
        f"(Debian: apt install {package})."
    )
    return found
