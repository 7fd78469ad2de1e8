"""What the process that decodes strangers' pictures may do, and how many of them there are."""

import json
import os
import select
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from attachments import images, reencode
from attachments.sniffing import PNG

_PROBE = f"""
import json, os, resource, runpy, socket, sys
program = runpy.run_path({reencode.__file__!r})
program["confine"]()

def tried(deed):
    try:
        deed()
    except OSError as error:
        return type(error).__name__
    return "done"

found = {{
    "environment": sorted(name for name in os.environ if name != "LC_CTYPE"),
    "file": tried(lambda: open("/etc/hostname")),
    "parent": tried(lambda: open(f"/proc/{{os.getppid()}}/environ")),
    "socket": tried(socket.socket),
    "memory": resource.getrlimit(resource.RLIMIT_AS)[1],
    "seconds": resource.getrlimit(resource.RLIMIT_CPU)[1],
    "file size": resource.getrlimit(resource.RLIMIT_FSIZE)[1],
    "processes": resource.getrlimit(resource.RLIMIT_NPROC)[1],
    "niceness": os.getpriority(os.PRIO_PROCESS, 0),
}}
sys.stdout.write(json.dumps(found))
print(json.dumps({{"width": 1, "height": 1}}), file=sys.stderr)
"""


@contextmanager
def _program(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run this in the place of the one that draws."""
    path = folder / "program.py"
    path.write_text(text)
    with monkeypatch.context() as patch:
        patch.setattr(reencode, "__file__", str(path))
        yield


def _drawn(folder: Path, number: int = 0, owner: str = "acme") -> str:
    content: IO[bytes] = (folder / "picture").open("w+b")
    with content, (folder / f"drawn-{number}").open("w+b") as into:
        images.draw_anew(content, PNG, into, owner=owner)
        into.seek(0)
        return into.read().decode()


def test_the_decoders_process_gets_nothing_and_reaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret of the process that serves")
    with _program(_PROBE, tmp_path, monkeypatch):
        found: dict[str, Any] = json.loads(_drawn(tmp_path))
    assert found["environment"] == []
    assert {found["file"], found["parent"], found["socket"]} == {"OSError"}
    assert (found["memory"], found["seconds"]) == (768 * 1024 * 1024, 15)
    assert (found["file size"], found["processes"]) == (64 * 1024 * 1024, 0)
    assert found["niceness"] > os.getpriority(os.PRIO_PROCESS, 0), "those who serve go first"


def test_two_pictures_are_drawn_at_a_time_and_one_of_a_tenant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tells that it has begun, and ends when it is told to."""
    begun, turn = _fifo(tmp_path / "begun"), _fifo(tmp_path / "turn")
    program = (
        f"import sys\nopen({str(tmp_path / 'begun')!r}, 'wb', 0).write(b'x')\n"
        f"open({str(tmp_path / 'turn')!r}, 'rb', 0).read(1)\n"
        'sys.stderr.write(\'{"width": 1, "height": 1}\')\n'
    )
    with _program(program, tmp_path, monkeypatch), ThreadPoolExecutor(6) as pool:
        of_one = [pool.submit(_drawn, tmp_path, number) for number in range(3)]
        assert os.read(begun, 1) == b"x"
        of_another = pool.submit(_drawn, tmp_path, 3, "globex")
        assert os.read(begun, 1) == b"x", "three pictures of one leave a place to another"
        of_a_third = pool.submit(_drawn, tmp_path, 4, "initech")
        assert select.select([begun], [], [], 0.2)[0] == [], "there are two places"
        os.write(turn, b"xx")
        assert os.read(begun, 1) + os.read(begun, 1) == b"xx"
        os.write(turn, b"xx")
        assert os.read(begun, 1) == b"x"
        os.write(turn, b"x")
        drawn = [picture.result() for picture in (*of_one, of_another, of_a_third)]
        assert drawn == [""] * 5
    os.close(begun)
    os.close(turn)


def _fifo(path: Path) -> int:
    """A descriptor of a new one; it reads and writes, so that nobody waits for the other side."""
    os.mkfifo(path)
    return os.open(path, os.O_RDWR)
