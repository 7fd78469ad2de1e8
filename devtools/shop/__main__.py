"""Serve the shop: `python -m devtools.shop --port 4014 --widget http://127.0.0.1:4012`."""

import argparse
import html
import signal
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

SITE = Path(__file__).parent / "site"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Shop(BaseHTTPRequestHandler):
    """The shop's page under every path without a suffix, but the playground; files by name."""

    protocol_version = "HTTP/1.1"
    server_version = "shop"
    #: `{{name}}` in the page → the text to put there.
    blanks: ClassVar[dict[str, str]] = {}
    files: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.lstrip("/")
        if not Path(name).suffix:
            name = f"{name}.html" if f"{name}.html" in self.files else "index.html"
        content = self.files.get(name)
        if content is None:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"Not here.\n")
            return
        self._answer(HTTPStatus.OK, TYPES[Path(name).suffix], content)

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests for a page of a demo are of no interest."""


def load(blanks: dict[str, str]) -> dict[str, bytes]:
    """The site's files, the pages' blanks filled in."""
    files = {file.name: file.read_bytes() for file in SITE.iterdir() if file.suffix in TYPES}
    for page in (name for name in files if name.endswith(".html")):
        for blank, text in blanks.items():
            filled = files[page].decode().replace("{{" + blank + "}}", html.escape(text))
            files[page] = filled.encode()
    return files


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m devtools.shop")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4014)
    parser.add_argument("--widget", default="http://127.0.0.1:4012", help="origin of /widget.js")
    parser.add_argument("--group", default="http://127.0.0.1:4013", help="the agents' page")
    given = parser.parse_args(arguments)
    Shop.files = load({"widget_origin": given.widget.rstrip("/"), "group_url": given.group})
    server = ThreadingHTTPServer((given.host, given.port), Shop)
    server.daemon_threads = True
    for sent in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the serving loop, which is the one that this handler interrupts.
        signal.signal(sent, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"listening on http://{given.host}:{server.server_port}\n")
    sys.stdout.flush()
    with server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
