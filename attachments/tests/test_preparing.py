"""What becomes of files before they are kept: looked at by their content, and made harmless."""

import io
import socketserver
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from attachments import services
from attachments.errors import (
    AttachmentInfected,
    AttachmentTooLarge,
    InvalidAttachment,
    KindNotAllowed,
    ScannerAway,
)
from attachments.services import Allowance, Prepared
from attachments.tests import hostile
from conversations.attached import FileKind
from kernel.errors import DomainError

MIB = 1024 * 1024
OPENED = ExitStack()
EVERYTHING = Allowance(frozenset(FileKind), 20 * MIB)


def named(value: object) -> str:
    """A part of a test's name; contents have none, for archives say when they were made."""
    return value.__name__ if isinstance(value, type) else value if isinstance(value, str) else ""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.ATTACHMENTS_DIR = tmp_path
    with OPENED:
        yield


def prepare(content: bytes, name: str = "file", allowance: Allowance = EVERYTHING) -> Prepared:
    file = OPENED.enter_context(services.temporary_file())
    file.write(content)
    prepared = services.prepare(file, name, allowance, tenant_id=uuid4())
    OPENED.enter_context(prepared.content)
    return prepared


def content_of(prepared: Prepared) -> bytes:
    prepared.content.seek(0)
    return prepared.content.read()


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (hostile.SVG, "logo.svg", KindNotAllowed),
        (b"\xef\xbb\xbf \n" + hostile.SVG, "logo.txt", KindNotAllowed),
        (b'<?xml version="1.0"?>' + hostile.SVG, "photo.png", KindNotAllowed),
        (hostile.HTML, "photo.png", KindNotAllowed),
        (hostile.bomb(), "bomb.png", AttachmentTooLarge),
        (b"", "empty.txt", InvalidAttachment),
        (b"\x89PNG\r\n\x1a\n" + hostile.HTML, "photo.png", InvalidAttachment),
        (hostile.picture("JPEG")[:-400], "half.jpg", InvalidAttachment),
        (b"MZ\x90\x00" + bytes(100), "invoice.pdf", KindNotAllowed),
        (b"\x7fELF" + bytes(100), "notes.txt", KindNotAllowed),
        (b"text with a \x00 in it", "notes.txt", KindNotAllowed),
        (b"caf\xe9", "notes.txt", KindNotAllowed),
        (b"PK\x03\x04" + bytes(100), "broken.zip", InvalidAttachment),
        (hostile.document_with_macros(), "invoice.docx", KindNotAllowed),
        (hostile.archive_of("word/VBAPROJECT.BIN"), "a.docx", KindNotAllowed),
        (hostile.archive_of("content.xml", "Basic/Standard/Module1.xml"), "a.odt", KindNotAllowed),
        (hostile.archive_of(*map(str, range(30_000))), "many.zip", InvalidAttachment),
    ],
    ids=named,
)
def test_what_means_harm_is_refused(content: bytes, name: str, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        prepare(content, name)


def test_a_file_over_the_cap_is_refused() -> None:
    with pytest.raises(AttachmentTooLarge) as refused:
        prepare(bytes(MIB + 1), allowance=Allowance(frozenset(FileKind), MIB))
    assert refused.value.details == {"max_bytes": MIB}


def test_a_kind_that_the_tenant_does_not_take_is_refused() -> None:
    only_documents = Allowance(frozenset({FileKind.DOCUMENT}), MIB)
    with pytest.raises(KindNotAllowed) as refused:
        prepare(hostile.picture(), "photo.pdf", only_documents)
    assert refused.value.details == {"kind": "image", "allowed": ["document"]}


@pytest.mark.parametrize(
    "content", [hostile.photo_that_tells(), hostile.png_that_tells()], ids=["jpeg", "png"]
)
def test_nothing_but_the_picture_is_kept(content: bytes) -> None:
    assert hostile.SCRIPT in content
    kept = content_of(prepare(content, "photo.jpg"))
    assert hostile.SCRIPT not in kept and b"Camera of Maya" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif() and not picture.info.get("comment")


def test_a_photo_that_was_turned_by_its_metadata_is_turned_for_good() -> None:
    prepared = prepare(hostile.photo_that_tells())
    assert (prepared.width, prepared.height) == (48, 64)


def test_of_a_polyglot_the_picture_is_kept() -> None:
    prepared = prepare(hostile.polyglot(), "photo.gif")
    assert (prepared.name, prepared.file_type.media_type) == ("photo.png", "image/png")
    kept = content_of(prepared)
    assert hostile.SCRIPT not in kept and b"PK\x03\x04" not in kept


def test_a_picture_of_ten_thousand_pixels_becomes_a_smaller_one() -> None:
    wide = prepare(hostile.picture("PNG", (10_000, 200)), "wide.png")
    assert (wide.width, wide.height) == (4096, 82)
    with pytest.raises(AttachmentTooLarge):
        prepare(hostile.picture("JPEG", (10_000, 10_000)), "huge.jpg")


def test_a_picture_of_thousands_of_scans_is_refused_before_it_is_drawn() -> None:
    # The second one hides its scans from who takes a marker without a length for one with it.
    for pictures in (hostile.scans(2000), hostile.scans(2000, before_each=b"\xff\x01")):
        with pytest.raises(AttachmentTooLarge, match="takes too long"):
            prepare(pictures, "photo.jpg")
    with pytest.raises(AttachmentTooLarge, match="takes too long"):
        prepare(hostile.jpeg_of_parts(10_000), "photo.jpg")
    progressive = hostile.picture("JPEG", (3000, 2000), progressive=True)
    assert prepare(progressive, "photo.jpg").width == 3000
    # A moving photo: a film stands behind the picture.
    assert prepare(progressive + b"\xff\xda" * 500, "photo.jpg").width == 3000


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/cron.d/job", "job.txt"),
        ("C:\\Windows\\win.ini", "win.txt"),
        ("/", "file.txt"),
        ("", "file.txt"),
        (".", "file.txt"),
        ("list.csv", "list.csv"),
        ("page.html", "page.txt"),
        ("gpj.\u202etxt.exe", "gpj.txt.txt"),
        ("a\r\nSet-Cookie: b.txt", "a Set-Cookie: b.txt"),
        ("n" * 300 + ".txt", "n" * 100 + ".txt"),
        ("Größe 3.txt", "Größe 3.txt"),
    ],
)
def test_a_name_is_one_line_without_a_path_and_ends_as_the_content_says(
    name: str, kept: str
) -> None:
    assert prepare(b"Hello", name).name == kept


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (hostile.picture("JPEG"), "image", "x.jpg"),
        (hostile.picture("WEBP"), "image", "x.webp"),
        (b"%PDF-1.7\n", "document", "x.pdf"),
        (hostile.archive_of("[Content_Types].xml", "xl/workbook.xml"), "document", "x.xlsx"),
        (hostile.archive_of("notes.txt"), "archive", "x.zip"),
        (b"OggS\x00\x02", "audio", "x.ogg"),
        (b"ID3\x04", "audio", "x.mp3"),
        (b"\x00\x00\x00\x18ftypmp42", "video", "x.mp4"),
        (b"\x1aE\xdf\xa3\x01\x42\x82\x84webm", "video", "x.webm"),
        ("Grüße, 2 < 3".encode(), "document", "x.txt"),
    ],
    ids=named,
)
def test_what_is_taken_in(content: bytes, kind: str, name: str) -> None:
    prepared = prepare(content, "x.exe")
    assert (prepared.file_type.kind, prepared.name) == (kind, name)


class _Scanner(socketserver.StreamRequestHandler):
    """Enough of ClamAV's daemon to say what it thinks of a stream."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        found = b"Eicar-Test-Signature FOUND" if b"EICAR" in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


@contextmanager
def scanner(path: Path) -> Iterator[str]:
    with socketserver.ThreadingUnixStreamServer(str(path), _Scanner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(path)
        server.shutdown()


def test_a_scanner_is_asked_where_there_is_one(tmp_path: Path, settings: Any) -> None:
    with scanner(tmp_path / "clamd") as address:
        settings.CLAMAV_ADDRESS = address
        assert prepare(b"Hello " * 50_000).name == "file.txt"
        with pytest.raises(AttachmentInfected):
            prepare(b"EICAR")


def test_nothing_is_taken_in_while_the_scanner_is_away(tmp_path: Path, settings: Any) -> None:
    settings.CLAMAV_ADDRESS = str(tmp_path / "nobody")
    with pytest.raises(ScannerAway):
        prepare(b"Hello")


def test_nothing_of_an_archive_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", bytes(200 * MIB))
    tracemalloc.start()
    try:
        prepared = prepare(packed.getvalue(), "bomb.odt")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert prepared.name == "bomb.zip", "it does not count as a document"
    assert peak < 20 * MIB


def test_what_an_open_document_says_first_is_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office/>")
    assert prepare(packed.getvalue(), "letter.zip").name == "letter.odt"
