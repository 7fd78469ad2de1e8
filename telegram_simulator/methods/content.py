"""What sending and editing have in common: text, entities, keyboards."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from telegram_simulator import text as texts
from telegram_simulator.errors import refusal
from telegram_simulator.markup import parse_html
from telegram_simulator.records import Json
from telegram_simulator.schema import (
    CALLBACK_DATA_BYTES,
    InlineKeyboardMarkup,
    MessageEntity,
    SendFile,
    Texted,
)


def text_of(params: Texted) -> tuple[str, list[Json]]:
    """The text as it will be stored, with all its entities; length is checked separately."""
    if not params.text:
        raise refusal("text_empty")
    if len(params.text.encode("utf-8", "surrogatepass")) > texts.MAX_RAW_BYTES:
        raise refusal("text_too_long")
    if params.parse_mode:
        if params.parse_mode.lower() != "html":
            raise refusal("parse_mode")
        text, entities = parse_html(params.text)
    else:
        text, entities = params.text, _given(params.text, params.entities)
    text, entities = texts.clean(text, entities)
    if not text:
        raise refusal("text_blank")
    found = [one for one in texts.detect(text) if not _is_in_code(one, entities)]
    if found:
        entities = texts.in_order([*entities, *found])
    return text, entities


def _is_in_code(found: Json, entities: list[Json]) -> bool:
    """Telegram finds nothing by itself within code: code holds no other entity."""
    return any(
        given["type"] in {"code", "pre"}
        and given["offset"] < found["offset"] + found["length"]
        and found["offset"] < given["offset"] + given["length"]
        for given in entities
    )


def caption_of(params: SendFile) -> tuple[str, list[Json]]:
    """The caption as it will be stored, with all its entities; raises "caption is too long"."""
    caption, entities = texts.clean(params.caption, _given(params.caption, params.caption_entities))
    if texts.units(caption) > texts.MAX_CAPTION_UNITS:
        raise refusal("caption_too_long")
    return caption, texts.in_order([*entities, *texts.detect(caption)])


def check_length(text: str) -> None:
    """The back end's own check; raises "message is too long"."""
    if texts.units(text) > texts.MAX_TEXT_UNITS:
        raise refusal("message_too_long")


def keyboard_of(markup: InlineKeyboardMarkup | msgspec.UnsetType) -> Json | None:
    """The keyboard as shown in messages; None for none. Raises BUTTON_DATA_INVALID."""
    if markup is UNSET or not any(markup.inline_keyboard):
        return None
    for button in (button for row in markup.inline_keyboard for button in row):
        if len(button.callback_data.encode()) > CALLBACK_DATA_BYTES:
            raise refusal("button_data_invalid")
    shown: Json = msgspec.to_builtins(markup)
    return shown


def _given(text: str, entities: list[MessageEntity]) -> list[Json]:
    if not entities:
        return []
    end = texts.units(text)
    for entity in entities:
        if entity.offset < 0 or entity.length <= 0 or entity.offset + entity.length > end:
            raise refusal("entity_bounds")
    kept = [entity for entity in entities if entity.type not in texts.SELF_DETECTED]
    return [msgspec.to_builtins(entity) for entity in kept]
