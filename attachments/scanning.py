"""The optional virus scanner: ClamAV's daemon, by its socket."""

import socket
from typing import IO

import structlog
from django.conf import settings

from attachments.errors import AttachmentInfected, ScannerAway

logger = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 60
_PIECE_BYTES = 64 * 1024


def scan(content: IO[bytes]) -> None:
    """Let the scanner look, where one is configured; raises AttachmentInfected, ScannerAway."""
    if not settings.CLAMAV_ADDRESS:
        return
    content.seek(0)
    try:
        verdict = _ask(content)
    except OSError as error:
        logger.error("scanner_away", error=str(error))
        raise ScannerAway(retry_after_seconds=60) from None
    if verdict.endswith(b"OK"):
        return
    if not verdict.endswith(b"FOUND"):
        logger.error("scanner_failed", verdict=verdict[:100].decode("ascii", "replace"))
        raise ScannerAway(retry_after_seconds=60)
    logger.warning("attachment_infected", verdict=verdict[:100].decode("ascii", "replace"))
    raise AttachmentInfected()


def _ask(content: IO[bytes]) -> bytes:
    """INSTREAM: pieces after their lengths, and a length of nothing at the end."""
    with _connection() as scanner:
        scanner.sendall(b"zINSTREAM\0")
        while piece := content.read(_PIECE_BYTES):
            scanner.sendall(len(piece).to_bytes(4, "big") + piece)
        scanner.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and (received := scanner.recv(4096)):
            answer += received
    return answer.rstrip(b"\0\n ")


def _connection() -> socket.socket:
    address = settings.CLAMAV_ADDRESS
    if address.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(_TIMEOUT_SECONDS)
        try:
            scanner.connect(address)
        except OSError:
            scanner.close()
            raise
        return scanner
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_TIMEOUT_SECONDS)
