"""Serving the widget: read once, compressed once, cached for ever under a version."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kernel.cacheable import is_held
from kernel.errors import NotFound

_FOLDER = settings.BASE_DIR / "widget" / "dist"
_NAMES = frozenset({"widget.js", "widget.min.js"})
# An accepted encoding, and whether its weight is zero.
_ACCEPTED = re.compile(r"([\w*-]+)\s*(;\s*q\s*=\s*0(?:\.0*)?\s*(?=,|$))?[^,]*", re.IGNORECASE)
_BY_PREFERENCE = ("br", "gzip")
_PLAIN = ""


@dataclass(frozen=True, slots=True)
class _Script:
    encoded: Mapping[str, bytes]
    etag: str


@lru_cache(maxsize=2)
def _script(name: str) -> _Script:
    plain = (_FOLDER / name).read_bytes()
    digest = hashlib.sha256(plain).hexdigest()[:20]
    encoded = {
        _PLAIN: plain,
        "gzip": gzip.compress(plain, 9, mtime=0),
        "br": brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11),
    }
    return _Script(encoded, digest)


def _best_encoding(accepted: str) -> str:
    """The smallest encoding that the browser takes by name."""
    weights = {name.lower(): refused for name, refused in _ACCEPTED.findall(accepted)}
    return next((name for name in _BY_PREFERENCE if weights.get(name, "no") == ""), _PLAIN)


def widget(request: HttpRequest, name: str) -> HttpResponse:
    """GET /widget.js and /widget.min.js"""
    if name not in _NAMES:
        raise NotFound()
    # The plain address serves the small build too: pages embed it, nobody reads it.
    script = _script("widget.min.js")
    encoding = _best_encoding(request.headers.get("Accept-Encoding", ""))
    etag = f'"{script.etag}{"-" if encoding else ""}{encoding}"'
    response = HttpResponse(content_type="text/javascript; charset=utf-8")
    if is_held(request, etag):
        response.status_code = 304
    else:
        response.content = script.encoded[encoding]
        if encoding:
            response.headers["Content-Encoding"] = encoding
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if request.GET.get("v") else "public, max-age=300"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
