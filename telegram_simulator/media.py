"""Content of messages that are no text, as invented as it can be while keeping its shape."""

from __future__ import annotations

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


def content(sim: Simulator, kind: str, size: int = 0) -> Json:
    """The message fields of a medium; `unknown` has none, as kinds newer than the API do."""
    if kind == "venue":
        # With the location once more beside it, for bots that know no venues.
        return {kind: _PLAIN[kind], "location": _PLAIN[kind]["location"]}
    if kind in _PLAIN:
        return {kind: _PLAIN[kind]}
    if kind == "unknown":
        return {}
    if kind not in _FOLDERS:
        raise ControlError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    file = _file(sim, kind, size)
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
            described |= {"file_name": "invoice.pdf", "mime_type": "application/pdf"}
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


def _file(sim: Simulator, kind: str, size: int) -> File:
    folder, suffix, usual_size = _FOLDERS[kind]
    number = len(sim.store.files) + 1
    file = File(
        file_id=f"AgACAgQ{sim.rng.getrandbits(96):024x}",
        file_unique_id=f"AQAD{number:08x}",
        path=f"{folder}/file_{number}.{suffix}",
        size=size or usual_size,
        content=f"simulated {kind}",
    )
    sim.store.put(file)
    return file
