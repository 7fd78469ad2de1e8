"""nginx as it is shipped, in front of a web process of the tests."""

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.processes import ROOT, free_port
from tests.waiting import wait_until

_FOLDER = ROOT / "deploy" / "nginx"
_START_TIMEOUT_SECONDS = 60


@dataclass
class Front:
    """An nginx: where it listens, and the lines of its access log once it has ended."""

    address: str
    access_log: list[str] = field(default_factory=list)


@contextmanager
def running_nginx(web: str) -> Iterator[Front]:
    """An nginx with the shipped configuration; skips where none is installed."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if binary is None:
        pytest.skip("nginx is not installed")
    with tempfile.TemporaryDirectory() as name:
        home, port = Path(name), free_port()
        _configure(home, urlsplit(web).netloc, port)
        child = subprocess.Popen(
            [binary, "-p", str(home), "-c", str(home / "nginx.conf"), "-g", "daemon off;"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _wait_for(child, port)
            front = Front(f"http://127.0.0.1:{port}")
            yield front
        finally:
            child.terminate()
            child.communicate(timeout=_START_TIMEOUT_SECONDS)
        front.access_log += (home / "access.log").read_text().splitlines()


def _configure(home: Path, upstream: str, port: int) -> None:
    def moved(name: str) -> str:
        text = (_FOLDER / name).read_text().replace("/etc/nginx/", f"{home}/")
        text = re.sub(r"listen \[::\]:80 default_server;", "", text)
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{port} ")
        text = text.replace("/var/log/nginx/", f"{home}/")
        return re.sub(r"server 127\.0\.0\.1:4012 ", f"server {upstream} ", text)

    (home / "chatorical").mkdir()
    (home / "chatorical" / "locations.inc").write_text(moved("locations.inc"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "\n".join(f"{kind}_temp_path {home}/{kind};" for kind in kinds)
    parts = "\n".join(map(moved, ("common.conf", "upstream-host.conf", "site-http.conf")))
    parts = re.sub(r"server 127\.0\.0\.1:4022 .*;", "", parts)
    (home / "nginx.conf").write_text(
        f"pid {home}/pid;\nerror_log stderr;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}\n{parts}\n}}\n"
    )


def _wait_for(child: "subprocess.Popen[bytes]", port: int) -> None:
    def is_listening() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), _START_TIMEOUT_SECONDS).close()
        except ConnectionRefusedError:
            if child.poll() is not None:
                assert child.stderr is not None
                raise AssertionError(child.stderr.read().decode()) from None
            return False
        return True

    wait_until(is_listening, "nginx listens", timeout_seconds=_START_TIMEOUT_SECONDS)
