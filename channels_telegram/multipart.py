"""A call of the Bot API with a file: a form whose file is read while it is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import IO, Literal

import msgspec
from urllib3.fields import RequestField

_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be posted: as the picture or the document that `field` says."""

    field: Literal["photo", "document"]
    name: str
    content: IO[bytes]
    bytes: int


def form(
    parameters: Mapping[str, object], upload: Upload
) -> tuple[Iterator[bytes], dict[str, str]]:
    """The body and its headers; objects are JSON in a form, as the Bot API wants them."""
    boundary = token_hex(16)
    parts = [_part(boundary, name, value) for name, value in parameters.items()]
    field = RequestField(upload.field, b"", filename=upload.name)
    field.make_multipart(content_type="application/octet-stream")
    head = b"".join(parts) + f"--{boundary}\r\n{field.render_headers()}".encode()
    end = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + upload.bytes + len(end)),
    }
    return _pieces(head, upload.content, end), headers


def _part(boundary: str, name: str, value: object) -> bytes:
    field = RequestField(name, b"")
    field.make_multipart()
    written = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
    return f"--{boundary}\r\n{field.render_headers()}".encode() + written + b"\r\n"


def _pieces(head: bytes, content: IO[bytes], end: bytes) -> Iterator[bytes]:
    yield head
    content.seek(0)
    while piece := content.read(_PIECE_BYTES):
        yield piece
    yield end
