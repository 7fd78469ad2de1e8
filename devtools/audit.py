"""`./dev audit`: what the pinned requirements have brought, against the known vulnerabilities."""

import json
import subprocess
import sys
from typing import Any

from devtools import environment, paths
from devtools.console import Console

CLEAN, VULNERABLE, OUT_OF_REACH, BROKEN, UNCHECKED = 0, 1, 2, 3, 4
ALLOW_UNCHECKED = "--allow-unchecked"
# How pip-audit's traceback, or its own last word, speaks of a service that does not answer.
_OUT_OF_REACH = ("requests.exceptions.", "Could not connect", "timed out")


def run(arguments: list[str], console: Console) -> int:
    """Run pip-audit over `.venv`, thus over what the requirements need as well.

    0: nothing known; 1: something is vulnerable; 2: the advisory service (osv.dev) is out of reach;
    3: pip-audit itself has failed; 4: some packages could not be looked up, which `arguments`
    allow by `--allow-unchecked`. All others are pip-audit's, such as `--osv-url`.
    """
    allows_unchecked = ALLOW_UNCHECKED in arguments
    command = (sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv")
    options = ("--progress-spinner", "off", "--format", "json", "--desc", "off")
    done = subprocess.run(
        [*command, *options, *(word for word in arguments if word != ALLOW_UNCHECKED)],
        cwd=paths.ROOT,
        env=environment.inherited(),
        capture_output=True,
        text=True,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        # pip-audit ends with 1 here too; what tells the two apart is that it reports nothing.
        lines = done.stderr.strip().splitlines() or ["pip-audit said nothing"]
        if any(words in lines[-1] for words in _OUT_OF_REACH):
            console.say("Nothing was audited: the advisory service cannot be reached.", "warn")
            return OUT_OF_REACH
        console.say(f"Nothing was audited: {lines[-1]}", "bad")
        return BROKEN
    found = [(package, known) for package in packages for known in package.get("vulns", ())]
    for package, known in found:
        mended = ", ".join(known["fix_versions"]) or "no release yet"
        name = f"{package['name']} {package['version']}"
        console.say(f"{name}: {known['id']}, mended in {mended}", "bad")
    skipped = [package for package in packages if "skip_reason" in package]
    for package in skipped:
        console.say(f"{package['name']}: not checked. {package['skip_reason']}", "warn")
    if found:
        return VULNERABLE
    checked = len(packages) - len(skipped)
    if checked == 0 or (skipped and not allows_unchecked):
        console.say(f"{len(skipped)} of {len(packages)} packages were not checked.", "bad")
        return UNCHECKED
    console.say(f"{checked} packages, none with a known vulnerability.", "good")
    return CLEAN
