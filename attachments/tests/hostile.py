"""Files that mean harm, and some that do not."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
HTML = b"<!doctype html><title>Invoice</title>" + SCRIPT
GPS_TAG, MAKE_TAG, ORIENTATION_TAG = 0x8825, 0x010F, 0x0112


def picture(
    saved_as: str = "PNG", size: tuple[int, int] = (64, 48), color: str = "teal", **options: object
) -> bytes:
    """A plain picture."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, saved_as, **options)
    return written.getvalue()


def photo_that_tells() -> bytes:
    """A JPEG, turned by its metadata, which also say where it was taken and hold a script."""
    exif = Image.Exif()
    exif[MAKE_TAG] = "Camera of Maya"
    exif[ORIENTATION_TAG] = 6
    exif.get_ifd(GPS_TAG)[1] = "N"
    return picture("JPEG", exif=exif, comment=SCRIPT)


def png_that_tells() -> bytes:
    """A PNG with a script in its texts."""
    info = PngInfo()
    info.add_text("Comment", SCRIPT.decode())
    return picture(pnginfo=info)


def polyglot() -> bytes:
    """A GIF for who looks at its start, an archive for who looks at its end, a page between."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("index.html", HTML)
    return picture("GIF") + HTML + archive.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A small PNG that wants gigabytes once it is unpacked."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * side)
    rows = b"".join(packer.compress(row) for _ in range(200)) + packer.flush()
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def document_with_macros() -> bytes:
    """A Word document that brings a program along."""
    return archive_of("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")


def archive_of(*names: str) -> bytes:
    """An archive with these empty files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for name in names:
            written.writestr(name, "")
    return archive.getvalue()


def scans(count: int, side: int = 6300, *, before_each: bytes = b"") -> bytes:
    """A grey progressive JPEG of a few hundred kilobytes whose decoding takes minutes."""
    blocks = ((side + 7) // 8) ** 2
    bits = ""
    while blocks > 0:
        run = min(max(blocks, 16384), 32767)
        bits += "0" + format(run - 16384, "014b")
        blocks -= run
    bits += "1" * (-len(bits) % 8)
    pixels = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    scan = _segment(0xDA, b"\x01\x01\x00\x01\x3f\x10") + pixels.replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8"
        + _segment(0xDB, b"\0" + b"\1" * 64)
        + _segment(0xC2, frame)
        + _segment(0xC4, b"\x10\x01" + bytes(15) + b"\xe0")
        + (before_each + scan) * count
        + b"\xff\xd9"
    )


def jpeg_of_parts(count: int) -> bytes:
    """A JPEG with so many comments before its pixels."""
    plain = picture("JPEG")
    return plain[:2] + _segment(0xFE, b"") * count + plain[2:]


def _segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body
