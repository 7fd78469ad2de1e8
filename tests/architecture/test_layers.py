"""Who imports whom."""

import os
import subprocess
import sys

from tests.architecture.sources import ROOT, all_sources


def test_imports_keep_to_the_layers() -> None:
    code = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_realtime_talks_to_the_channel_layer() -> None:
    users = {
        source.path
        for source in all_sources()
        if any(name.startswith(("channels.layers", "channels_redis")) for name in source.imports())
    }
    assert users == {"conversations/socket/realtime.py"}


def test_there_are_no_drawers_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [
        source.path
        for source in all_sources()
        if drawers & set(source.path.removesuffix(".py").split("/"))
    ]
