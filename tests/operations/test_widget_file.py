"""GET /widget.js: embeddable anywhere, compressed, cached, and for ever under a version."""

import gzip
import hashlib
from collections.abc import Mapping

import brotli
import pytest
import requests

from tenants import widget_build
from tests.conftest import Stage
from tests.processes import ROOT


def get(stage: Stage, path: str, method: str = "GET", **headers: str) -> requests.Response:
    wanted: Mapping[str, str | None] = {"Accept-Encoding": None, **headers}
    return requests.request(method, stage.web + path, headers=wanted, stream=True, timeout=30)


def body(answer: requests.Response) -> bytes:
    """The body as it travelled."""
    travelled: bytes = answer.raw.read(decode_content=False)
    return travelled


@pytest.mark.parametrize("path", ["/widget.js", "/widget.min.js"])
def test_any_page_may_embed_it(stage: Stage, path: str) -> None:
    answer = get(stage, path, Origin="https://shop.example")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in answer.headers
    assert body(answer) == (ROOT / "widget" / "dist" / "widget.min.js").read_bytes()


def test_a_version_is_kept_for_ever(stage: Stage) -> None:
    answer = get(stage, "/widget.js?v=abc123")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(stage, "/widget.js?v=").headers["Cache-Control"] == "public, max-age=300"


def test_another_builds_version_is_not_kept(stage: Stage) -> None:
    """During an upgrade a page names a build that this server does not have, or no longer has."""
    own, other = widget_build.version(), hashlib.sha256(b"other").hexdigest()[:20]
    kept = get(stage, f"/widget.min.js?v={own}").headers["Cache-Control"]
    assert kept == "public, max-age=31536000, immutable"
    passing = get(stage, f"/widget.min.js?v={other}")
    assert (passing.status_code, passing.headers["Cache-Control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("deflate, GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("br;q=0, gzip;q=0.1", "gzip"),
    ],
)
def test_it_travels_compressed(stage: Stage, accepted: str, encoding: str) -> None:
    plain = body(get(stage, "/widget.js"))
    answer = get(stage, "/widget.js", **{"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == encoding
    compressed = body(answer)
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}[encoding]
    assert unpack(compressed) == plain
    assert len(compressed) < 16 * 1024
    assert int(answer.headers["Content-Length"]) == len(compressed)


@pytest.mark.parametrize("accepted", ["zstd", "gzip;q=0", "identity, gzip; q=0.0, br;q=0"])
def test_it_stays_plain_for_those_who_want_that(stage: Stage, accepted: str) -> None:
    answer = get(stage, "/widget.js", **{"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
def test_who_has_it_is_not_sent_it_again(stage: Stage, accepted: str) -> None:
    encoding = {"Accept-Encoding": accepted}
    etag = get(stage, "/widget.js", **encoding).headers["ETag"]
    for offered in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = get(stage, "/widget.js", **encoding, **{"If-None-Match": offered})
        assert (answer.status_code, body(answer)) == (304, b"")
        assert answer.headers["ETag"] == etag
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Content-Length" not in answer.headers
    stale = get(stage, "/widget.js", **encoding, **{"If-None-Match": '"other"'})
    assert stale.status_code == 200


def test_head_tells_the_same_without_the_body(stage: Stage) -> None:
    full, head = get(stage, "/widget.js"), get(stage, "/widget.js", "HEAD")
    assert body(head) == b""
    assert head.headers["ETag"] == full.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(body(full)))


@pytest.mark.parametrize("name", sorted(widget_build.parts()))
def test_a_part_is_kept_for_ever_under_its_hash(stage: Stage, name: str) -> None:
    answer = get(stage, f"/widget/{name}", **{"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    built = ROOT / "widget" / "dist" / "parts" / f"{name.partition('-')[0]}.js"
    assert brotli.decompress(body(answer)) == built.read_bytes()
    held = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "br"}
    assert get(stage, f"/widget/{name}", **held).status_code == 304


@pytest.mark.parametrize("name", ["engine.js", "engine-0123456789abcdefghij.js", "nothing.js"])
def test_a_part_of_another_build_is_not_there_and_nobody_keeps_that(
    stage: Stage, name: str
) -> None:
    answer = get(stage, f"/widget/{name}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_the_loader_names_the_parts_that_are_there(stage: Stage) -> None:
    """Those that it fetches itself: the engine names the others."""
    loader = body(get(stage, "/widget.js")).decode()
    parts = widget_build.parts()
    [engine] = [content.decode() for name, content in parts.items() if name.startswith("engine-")]
    for name in parts:
        start = name.removesuffix(".js").partition("-")[2].replace("-", "+").replace("_", "/")
        is_loaders = name.startswith(("engine-", "look-", "routes-"))
        assert f'"{start}' in (loader if is_loaders else engine)
