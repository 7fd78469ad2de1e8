"""Websites that have the chat on their pages, each on an origin of its own."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def website(
    page: str, scripts: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A site that answers every path with this page, or with the script that it has there.

    Every answer has these headers.

    Its address has no slash at the end.
    """
    found = scripts or {}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = found.get(self.path)
            content = (page if script is None else script).encode()
            kind = "text/html" if script is None else "text/javascript"
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
