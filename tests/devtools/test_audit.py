"""`./dev audit`, with an advisory service that knows of one vulnerability."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest

from devtools import audit
from devtools.console import Console
from tests.processes import free_port

_ADVISORY = {
    "id": "PYSEC-2026-1",
    "summary": "Leaky",
    "details": "Leaky",
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
            "versions": ["1.0"],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Speaks OSV's query."""

    def do_POST(self) -> None:
        """Which vulnerabilities a version has."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = {"vulns": [_ADVISORY]} if asked["package"]["name"] == "leaky" else {}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def advisories() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


def audited(service: str, folder: Path, **packages: str) -> tuple[int, list[str]]:
    """Exit code and lines for an installation of just these packages."""
    for name, version in packages.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    said = StringIO()
    code = audit.run(["--osv-url", service, "--path", str(folder)], Console(said))
    return code, said.getvalue().splitlines()


def test_nothing_known_is_0(advisories: str, tmp_path: Path) -> None:
    code, said = audited(advisories, tmp_path, sound="1.0", leaky_not="2.0")
    assert (code, said) == (0, ["2 packages, none with a known vulnerability."])


def test_a_vulnerable_package_is_1_and_named_with_what_mends_it(
    advisories: str, tmp_path: Path
) -> None:
    code, said = audited(advisories, tmp_path, sound="1.0", leaky="1.0")
    assert (code, said) == (1, ["leaky 1.0: PYSEC-2026-1, mended in 1.1"])


def test_a_service_out_of_reach_is_2_and_one_line(tmp_path: Path) -> None:
    code, said = audited(f"http://127.0.0.1:{free_port()}/v1/query", tmp_path, sound="1.0")
    assert (code, said) == (2, ["Nothing was audited: the advisory service cannot be reached."])


def test_what_pip_audit_does_not_understand_is_a_failure(tmp_path: Path) -> None:
    said = StringIO()
    assert audit.run(["--path", str(tmp_path), "--quickly"], Console(said)) == 3
    assert said.getvalue().endswith("unrecognized arguments: --quickly\n")


def test_what_could_not_be_checked_is_4_and_named(advisories: str, tmp_path: Path) -> None:
    odd = {"odd": "no-version"}
    code, said = audited(advisories, tmp_path, sound="1.0", **odd)
    assert code == 4
    assert said[0].startswith("odd: not checked. ")
    assert said[1] == "1 of 2 packages were not checked."
    said_then = StringIO()
    options = ["--osv-url", advisories, "--path", str(tmp_path), "--allow-unchecked"]
    assert audit.run(options, Console(said_then)) == 0
    assert "1 packages, none with a known vulnerability." in said_then.getvalue()


def test_when_nothing_could_be_checked_nothing_is_called_clean(
    advisories: str, tmp_path: Path
) -> None:
    odd = {"odd": "no-version"}
    code, _ = audited(advisories, tmp_path, **odd)
    assert code == 4
    options = ["--osv-url", advisories, "--path", str(tmp_path), "--allow-unchecked"]
    assert audit.run(options, Console(StringIO())) == 4
