"""An upload's body: taken in to the disk, and read as a form of one file and two texts."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import IO, Any, ParamSpec, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from attachments.errors import InvalidAttachment
from attachments.services import temporary_file
from kernel.errors import UnsupportedMediaType

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

CONTENT_TYPE = "multipart/form-data"
# What a form has beside the file: its texts, and what stands between its parts.
FORM_BYTES = 64 * 1024
# Not the service threads: a picture takes seconds of a processor, and no connection.
_pool = ThreadPoolExecutor(4, thread_name_prefix="upload")
_Turns = WeakValueDictionary[UUID, asyncio.Lock]
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


@dataclass(slots=True)
class Form:
    """What was sent; `text` and `client_id` are not validated yet."""

    file: IO[bytes]
    name: str
    text: str = ""
    client_id: str | None = None


@dataclass(slots=True)
class _ToDisk(FileUploadHandler):
    """Writes one file to the disk and refuses a second one."""

    content: IO[bytes] | None = field(default=None)

    def __post_init__(self) -> None:
        FileUploadHandler.__init__(self)

    def new_file(self, *arguments: Any, **options: Any) -> None:
        FileUploadHandler.new_file(self, *arguments, **options)
        if self.content is not None:
            raise InvalidAttachment("Send one file, not several.")
        self.content = temporary_file()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.content is not None
        self.content.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        return UploadedFile(file=self.content, name=self.file_name, size=file_size)


def read_form(body: IO[bytes], content_type: str, size: int) -> Form:
    """The form in a body; raises InvalidAttachment for any other than one with one file.

    The caller closes the file.
    """
    body.seek(0)
    handler = _ToDisk()
    described = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(size)}
    try:
        texts, files = MultiPartParser(described, File(body), [handler], "utf-8").parse()
        sent = files.get("file")
        if handler.content is None or sent is None:
            raise InvalidAttachment("Send one file, in the field 'file'.")
    except (MultiPartParserError, RequestDataTooBig, SuspiciousOperation):
        _close(handler)
        raise InvalidAttachment() from None
    except BaseException:
        _close(handler)
        raise
    return Form(handler.content, sent.name or "", texts.get("text", ""), texts.get("client_id"))


def require_form(content_type: str) -> None:
    """Raises UnsupportedMediaType."""
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise UnsupportedMediaType(f"Send the file as {CONTENT_TYPE}.")


def turn_of(tenant_id: UUID) -> asyncio.Lock:
    """Held while an upload thread works for this tenant: it has one of them at a time."""
    turns = _turns.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    return turns.setdefault(tenant_id, asyncio.Lock())


async def in_upload_thread(
    call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Run what takes long and needs no database, in a copy of this context."""
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool, lambda: context.run(call, *args, **kwargs))


def _close(handler: _ToDisk) -> None:
    if handler.content is not None:
        handler.content.close()
