"""`parse_mode=HTML`: tags to entities. The Markdown modes are not simulated."""

from __future__ import annotations

from html.parser import HTMLParser

from telegram_simulator.errors import bad_request
from telegram_simulator.records import Json
from telegram_simulator.text import units

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.length = 0
        self.entities: list[Json] = []
        self._open: list[tuple[str, Json]] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.length += units(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = _KINDS.get(tag)
        if kind is None:
            raise bad_request(
                f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self.length}'
            )
        entity: Json = {"type": kind, "offset": self.length}
        if kind == "text_link":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request(
                f"can't parse entities: Unexpected end tag at byte offset {self.length}"
            )
        _, entity = self._open.pop()
        if length := self.length - entity["offset"]:
            self.entities.append({**entity, "length": length})

    def finish(self) -> None:
        self.close()
        if self._open:
            raise bad_request(
                "can't parse entities: Can't find end tag corresponding to start tag "
                f'"{self._open[-1][0]}"'
            )


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Text without its tags, and their entities; raises Telegram's "can't parse entities"."""
    reader = _Reader()
    reader.feed(source)
    reader.finish()
    return "".join(reader.text), sorted(reader.entities, key=lambda e: (e["offset"], -e["length"]))
