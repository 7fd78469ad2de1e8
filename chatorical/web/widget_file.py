"""Serving the widget's files: read once, compressed once, cached for ever under a version."""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import brotli
from django.http import HttpRequest, HttpResponse

from kernel.cacheable import is_held
from kernel.errors import NotFound
from tenants import widget_build

_NAMES = frozenset({"widget.js", "widget.min.js"})
# An accepted encoding, and whether its weight is zero.
_ACCEPTED = re.compile(r"([\w*-]+)\s*(;\s*q\s*=\s*0(?:\.0*)?\s*(?=,|$))?[^,]*", re.IGNORECASE)
_BY_PREFERENCE = ("br", "gzip")
_PLAIN = ""
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_NOW = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class _Script:
    encoded: Mapping[str, bytes]
    etag: str


def _encoded(plain: bytes, etag: str) -> _Script:
    encoded = {
        _PLAIN: plain,
        "gzip": gzip.compress(plain, 9, mtime=0),
        "br": brotli.compress(plain, mode=brotli.MODE_TEXT, quality=11),
    }
    return _Script(encoded, etag)


@lru_cache(maxsize=1)
def _loader() -> _Script:
    return _encoded(widget_build.script(), widget_build.version())


@lru_cache(maxsize=64)
def _part(name: str) -> _Script:
    """Compressed one by one: nobody waits for a language that nobody reads."""
    return _encoded(widget_build.parts()[name], name)


def _best_encoding(accepted: str) -> str:
    """The smallest encoding that the browser takes by name."""
    weights = {name.lower(): refused for name, refused in _ACCEPTED.findall(accepted)}
    return next((name for name in _BY_PREFERENCE if weights.get(name, "no") == ""), _PLAIN)


def widget(request: HttpRequest, name: str) -> HttpResponse:
    """GET /widget.js and /widget.min.js"""
    if name not in _NAMES:
        raise NotFound()
    # The plain address serves the small build too: pages embed it, nobody reads it.
    version = request.GET.get("v")
    is_kept = version and not widget_build.is_of_another_build(version)
    return _answer(request, _loader(), _FOR_EVER if is_kept else _FOR_NOW)


def part(request: HttpRequest, name: str) -> HttpResponse:
    """GET /widget/{name}: what the loader or the engine fetches, of this build alone."""
    if name not in widget_build.parts():
        raise NotFound()
    return _answer(request, _part(name), _FOR_EVER)


def _answer(request: HttpRequest, script: _Script, cache_control: str) -> HttpResponse:
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
    response.headers["Cache-Control"] = cache_control
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
