"""What a file is, by its content alone. What is not known for certain is refused.

The signatures are written out: libraries answer with a ranked list of guesses, and a list of what
is allowed needs a yes or a no.
"""

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from attachments.errors import InvalidAttachment, KindNotAllowed
from conversations.attached import FileKind
from kernel.text import single_line, without_hidden_controls

_HEAD_BYTES = 512
_MAX_NAME = 100
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is taken in; `extension` is what its names end with."""

    kind: FileKind
    media_type: str
    extension: str


JPEG = FileType(FileKind.IMAGE, "image/jpeg", "jpg")
PNG = FileType(FileKind.IMAGE, "image/png", "png")
WEBP = FileType(FileKind.IMAGE, "image/webp", "webp")
GIF = FileType(FileKind.IMAGE, "image/gif", "gif")
PDF = FileType(FileKind.DOCUMENT, "application/pdf", "pdf")
TEXT = FileType(FileKind.DOCUMENT, "text/plain", "txt")
ZIP = FileType(FileKind.ARCHIVE, "application/zip", "zip")

# At the start of the file.
_SIGNATURES: tuple[tuple[re.Pattern[bytes], FileType], ...] = tuple(
    (re.compile(pattern, re.DOTALL), file_type)
    for pattern, file_type in (
        (rb"\xff\xd8\xff", JPEG),
        (rb"\x89PNG\r\n\x1a\n", PNG),
        (rb"RIFF....WEBP", WEBP),
        (rb"GIF8[79]a", GIF),
        (rb"%PDF-\d", PDF),
        (rb"OggS", FileType(FileKind.AUDIO, "audio/ogg", "ogg")),
        (rb"ID3|\xff[\xfb\xf3\xf2]", FileType(FileKind.AUDIO, "audio/mpeg", "mp3")),
        (rb"RIFF....WAVE", FileType(FileKind.AUDIO, "audio/wav", "wav")),
        (rb"fLaC", FileType(FileKind.AUDIO, "audio/flac", "flac")),
        (rb"....ftypM4A", FileType(FileKind.AUDIO, "audio/mp4", "m4a")),
        (rb"....ftypqt", FileType(FileKind.VIDEO, "video/quicktime", "mov")),
        (
            rb"....ftyp(isom|iso[2-9]|mp4[12]|avc1|M4V |dash|mmp4|MSNV|3gp)",
            FileType(FileKind.VIDEO, "video/mp4", "mp4"),
        ),
        (rb"\x1aE\xdf\xa3.{0,60}webm", FileType(FileKind.VIDEO, "video/webm", "webm")),
    )
)
# The end of a zip names its directory; a comment of up to 64 KiB may follow.
_ZIP_TAIL_BYTES = 22 + 64 * 1024
# Some ten thousand entries.
_MAX_ZIP_DIRECTORY_BYTES = 1024 * 1024
_MAX_TYPE_BYTES = 100
_MACROS = re.compile(r"vbaproject\.bin$|^(basic|scripts)/", re.IGNORECASE)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFFICE_PARTS = {
    "word/": FileType(FileKind.DOCUMENT, f"{_OFFICE}.wordprocessingml.document", "docx"),
    "xl/": FileType(FileKind.DOCUMENT, f"{_OFFICE}.spreadsheetml.sheet", "xlsx"),
    "ppt/": FileType(FileKind.DOCUMENT, f"{_OFFICE}.presentationml.presentation", "pptx"),
}
_OPEN_DOCUMENTS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_PLAIN_EXTENSIONS = ("txt", "csv", "log", "md")
# Whatever a browser might take for a page.
_MARKUP = re.compile(rb"<(!doctype|!--|\?|[a-z])", re.IGNORECASE)
# Controls that no text has, without tab, line feed, form feed, carriage return and escape.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def type_of(content: IO[bytes], name: str) -> FileType:
    """The file's type; raises InvalidAttachment for an empty one, KindNotAllowed for unknown ones.

    Of the name only the ending of a plain text counts.
    """
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    if not head:
        raise InvalidAttachment()
    for pattern, file_type in _SIGNATURES:
        if pattern.match(head):
            return file_type
    if head.startswith(b"PK\x03\x04"):
        return _type_of_zip(content)
    return _type_of_text(content, name)


def clean_name(raw: str, file_type: FileType) -> str:
    """The last part of a path, in one line, with the ending that the content has."""
    last = raw.replace("\\", "/").rpartition("/")[2]
    shown = without_hidden_controls(single_line(last)).strip(". ")
    stem = PurePosixPath(shown).stem.strip(". ") if "." in shown else shown
    return f"{stem[:_MAX_NAME] or 'file'}.{file_type.extension}"


def _type_of_zip(content: IO[bytes]) -> FileType:
    _require_short_directory(content)
    try:
        with zipfile.ZipFile(content) as archive:
            names = archive.namelist()
            first = _declared_type(archive)
    except Exception:  # noqa: BLE001 (a decoder that strangers feed fails in any way)
        raise InvalidAttachment() from None
    if any(_MACROS.search(name) for name in names):
        raise KindNotAllowed("Documents with macros cannot be sent in this chat.")
    if "[Content_Types].xml" in names:
        for part, file_type in _OFFICE_PARTS.items():
            if any(name.startswith(part) for name in names):
                return file_type
    media_type = first.decode("ascii", "replace")
    extension = _OPEN_DOCUMENTS.get(media_type.rpartition(".")[2])
    if media_type.startswith("application/vnd.oasis.opendocument.") and extension:
        return FileType(FileKind.DOCUMENT, media_type, extension)
    return ZIP


def _require_short_directory(content: IO[bytes]) -> None:
    """Its directory becomes objects in memory: raises InvalidAttachment for a very long one."""
    size = content.seek(0, 2)
    content.seek(max(0, size - _ZIP_TAIL_BYTES))
    _, found, end = content.read().rpartition(b"PK\x05\x06")
    directory = int.from_bytes(end[8:12], "little")
    if not found or directory > _MAX_ZIP_DIRECTORY_BYTES:
        raise InvalidAttachment()


def _declared_type(archive: zipfile.ZipFile) -> bytes:
    """What an open document says first; it is stored there as it is, so nothing is unpacked."""
    first = next(iter(archive.infolist()), None)
    is_declared = (
        first is not None
        and first.filename == "mimetype"
        and first.compress_type == zipfile.ZIP_STORED
        and max(first.file_size, first.compress_size) <= _MAX_TYPE_BYTES
    )
    return archive.read(first) if first is not None and is_declared else b""


def _type_of_text(content: IO[bytes], name: str) -> FileType:
    """UTF-8 without controls and without markup at its start."""
    content.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    start = content.read(_PIECE_BYTES)
    if _MARKUP.match(start.removeprefix(codecs.BOM_UTF8).lstrip()):
        raise KindNotAllowed()
    piece = start
    while True:
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            raise KindNotAllowed() from None
        if _CONTROLS.search(text):
            raise KindNotAllowed()
        if not piece:
            break
        piece = content.read(_PIECE_BYTES)
    ending = name.lower().rpartition(".")[2]
    extension = ending if ending in _PLAIN_EXTENSIONS else TEXT.extension
    return FileType(TEXT.kind, TEXT.media_type, extension)
