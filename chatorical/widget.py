"""Serving the widget: read once, compressed once, cached for ever under a version."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chatorical.kernel.errors import NotFound

_FOLDER = settings.BASE_DIR / "widget" / "dist"
_NAMES = frozenset({"widget.js", "widget.min.js"})
# "gzip" among the accepted encodings, and not with a weight of zero.
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Script:
    plain: bytes
    gzipped: bytes
    etag: str


@lru_cache(maxsize=2)
def _script(name: str) -> _Script:
    plain = (_FOLDER / name).read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:20]
    return _Script(plain, gzip.compress(plain, 9, mtime=0), digest)


def widget(request: HttpRequest, name: str) -> HttpResponse:
    """GET /widget.js and /widget.min.js"""
    if name not in _NAMES:
        raise NotFound()
    # The plain address serves the small build too: pages embed it, nobody reads it.
    script = _script("widget.min.js")
    is_gzip = _GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
    etag = f'"{script.etag}{"-gz" if is_gzip else ""}"'
    offered = request.headers.get("If-None-Match", "")
    response = HttpResponse(content_type="text/javascript; charset=utf-8")
    tags = [tag.strip().removeprefix("W/") for tag in offered.split(",")]
    if etag in tags or tags == ["*"]:
        response.status_code = 304
    else:
        response.content = script.gzipped if is_gzip else script.plain
        if is_gzip:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if request.GET.get("v") else "public, max-age=300"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
