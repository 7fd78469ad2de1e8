"""Content of messages that are no text, as invented as it can be while keeping its shape."""

from __future__ import annotations

import struct
import zlib

from telegram_simulator.engine import Simulator
from telegram_simulator.errors import ControlError
from telegram_simulator.records import File, Json

_FOLDERS = {
    "photo": ("photos", "jpg", 84_000),
    "document": ("documents", "pdf", 120_000),
    "voice": ("voice", "oga", 9_000),
    "audio": ("music", "mp3", 900_000),
    "video": ("videos", "mp4", 1_500_000),
    "video_note": ("video_notes", "mp4", 400_000),
    "animation": ("animations", "mp4", 300_000),
    "sticker": ("stickers", "webp", 24_000),
}
_PLAIN: dict[str, Json] = {
    "dice": {"emoji": "🎲", "value": 4},
    "location": {"latitude": 56.9496, "longitude": 24.1052},
    "contact": {"phone_number": "+37120000000", "first_name": "Ana"},
    "venue": {
        "location": {"latitude": 56.9496, "longitude": 24.1052},
        "title": "Old Town",
        "address": "Riga",
    },
    "checklist": {
        "title": "Before shipping",
        "tasks": [{"id": 1, "text": "Pack"}, {"id": 2, "text": "Label"}],
    },
    "story": {"chat": {"id": 7001, "type": "private", "first_name": "Ana"}, "id": 1},
    "game": {"title": "Chess", "description": "A game", "photo": []},
    "poll": {
        "id": "1",
        "question": "Lunch?",
        "options": [
            {"persistent_id": "1", "text": "Yes", "voter_count": 0},
            {"persistent_id": "2", "text": "Later", "voter_count": 0},
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
    },
}
KINDS = (*_FOLDERS, *_PLAIN, "unknown")


def _picture() -> bytes:
    """A small PNG of one colour."""
    width, height = 96, 64
    rows = zlib.compress((b"\0" + b"\x2a\x9d\x8f" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


# As much of each as tells what it is.
_MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
_SAMPLES = {
    "photo": _picture(),
    "document": b"%PDF-1.4\n%simulated\n",
    "voice": b"OggS\x00\x02simulated",
    "audio": b"ID3\x04\x00\x00simulated",
    "video": _MP4,
    "video_note": _MP4,
    "animation": _MP4,
    "sticker": b"RIFF\x0a\x00\x00\x00WEBPsimulated",
}


def content(sim: Simulator, kind: str, size: int = 0, *, name: str = "", data: bytes = b"") -> Json:
    """The message fields of a medium; `unknown` has none, as kinds newer than the API do.

    A file that is really sent has `data`, and as a document `name`.
    """
    if kind == "venue":
        # With the location once more beside it, for bots that know no venues.
        return {kind: _PLAIN[kind], "location": _PLAIN[kind]["location"]}
    if kind in _PLAIN:
        return {kind: _PLAIN[kind]}
    if kind == "unknown":
        return {}
    if kind not in _FOLDERS:
        raise ControlError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    file = _file(sim, kind, size, name, data)
    described: Json = {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": file.size,
    }
    match kind:
        case "photo":
            small = {**described, "file_id": file.file_id + "s", "width": 90, "height": 60}
            return {"photo": [small, {**described, "width": 1280, "height": 853}]}
        case "document":
            described["file_name"] = name or "invoice.pdf"
            if not name:
                described["mime_type"] = "application/pdf"
        case "voice":
            described |= {"duration": 4, "mime_type": "audio/ogg"}
        case "audio":
            described |= {"duration": 40, "mime_type": "audio/mpeg", "title": "Jingle"}
        case "video" | "animation":
            described |= {"width": 1280, "height": 720, "duration": 9, "mime_type": "video/mp4"}
        case "video_note":
            described |= {"length": 240, "duration": 6}
        case _:
            described |= {
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "👍",
                "set_name": "Thumbs",
            }
    shown: Json = {kind: described}
    if kind == "animation":
        shown["document"] = described
    return shown


def _file(sim: Simulator, kind: str, size: int, name: str, data: bytes) -> File:
    folder, suffix, usual_size = _FOLDERS[kind]
    number = len(sim.store.files) + 1
    if "." in name:
        suffix = name.rpartition(".")[2]
    file = File(
        file_id=f"AgACAgQ{sim.rng.getrandbits(96):024x}",
        file_unique_id=f"AQAD{number:08x}",
        path=f"{folder}/file_{number}.{suffix}",
        size=size or len(data) or usual_size,
        content=data or _SAMPLES[kind],
    )
    sim.store.put(file)
    return file
