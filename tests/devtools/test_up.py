"""`./dev up` with settings that cannot be used."""

import os
import subprocess
from pathlib import Path

import pytest

from devtools import paths
from tests.devtools.test_demo import OF_THE_SUITE, free_ports


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PUBLIC_ORIGN", "https://chat.example", "Did you mean PUBLIC_ORIGIN?"),
        ("PUBLIC_ORIGIN", "chat.example", "Write https://chat.example."),
    ],
)
def test_a_setting_that_cannot_be_used_is_the_only_thing_said(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in OF_THE_SUITE}
    environment |= {"CHATORICAL_DATA_DIR": str(tmp_path), "PORT": free_ports(1)[0], name: value}
    done = subprocess.run(
        [str(paths.ROOT / "dev"), "up"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith(f"chatorical: {name} ")
    assert line.endswith(sentence)
    assert not (tmp_path / "postgres").exists(), "nothing was started"


def test_what_goes_wrong_later_is_said_last_without_the_servers_logs(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in OF_THE_SUITE}
    environment |= {"CHATORICAL_DATA_DIR": str(tmp_path), "PORT": free_ports(1)[0]}
    # No settings of Django's can tell that this is no bot token.
    environment |= {"BOT_TOKEN": "nonsense", "SUPPORT_GROUP_ID": "-1001234567890"}
    done = subprocess.run(
        [str(paths.ROOT / "dev"), "up"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "does not look like one from BotFather" in done.stdout.splitlines()[-1]
    assert "│" not in done.stdout, "no process's log"
