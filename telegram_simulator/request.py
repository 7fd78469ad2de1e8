"""From an HTTP request to a method's typed parameters."""

from __future__ import annotations

import email
import email.policy
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from telegram_simulator.errors import TelegramError, bad_request, refusal
from telegram_simulator.schema import Params

_REAL_TEXT_OF_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_thread_id": "invalid forum topic identifier specified",
    "message_id": "message identifier is not specified",
    "name": "name must be non-empty",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "file_id": "file_id is empty",
}
# Parameters that are a file of the form, or the id of one that is there.
FILES = frozenset({"photo", "document"})
_TRUE = frozenset({"true", "yes", "1"})


class Shape:
    """How to read one method's parameters, prepared once."""

    def __init__(self, params: type[Params]) -> None:
        self.type = params
        self.from_json: msgspec.json.Decoder[Params] = msgspec.json.Decoder(params)
        fields = msgspec.structs.fields(params)
        self.names = frozenset(field.name for field in fields)
        self.required = [field.name for field in fields if field.required]
        self.flags = frozenset(field.name for field in fields if field.type is bool)
        self.nested = frozenset(
            field.name for field in fields if field.name not in FILES and _is_nested(field.type)
        )


def _is_nested(declared: Any) -> bool:
    """Whether a parameter is an object or array, which forms carry as a JSON string."""
    kind = msgspec.inspect.type_info(declared)
    kinds = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(
        isinstance(
            one, msgspec.inspect.ListType | msgspec.inspect.StructType | msgspec.inspect.DictType
        )
        for one in kinds
    )


def read_params(
    shape: Shape, content_type: bytes, query: bytes, body: bytes, *, strict: bool
) -> tuple[Params, str]:
    """The parameters, and what is wrong with them ("" when nothing).

    In strict mode a wrong request raises `WrongRequest`; otherwise it is read as the real server
    would, which ignores what it does not know.
    """
    if content_type.startswith(b"application/json") and not query:
        try:
            return shape.from_json.decode(body or b"{}"), ""
        except msgspec.ValidationError as error:
            if strict and not _carries_json_strings(shape, body):
                raise WrongRequest(str(error)) from error
        except msgspec.DecodeError as error:
            raise bad_request("can't parse JSON object") from error
    return _read_loosely(shape, content_type, query, body, strict=strict)


class WrongRequest(TelegramError):
    """Strict mode's refusal of a request that does not fit the published parameters."""

    def __init__(self, problem: str) -> None:
        super().__init__(400, f"Bad Request: strict mode: {problem}")
        self.problem = problem


def raw_params(content_type: bytes, query: bytes, body: bytes) -> dict[str, Any]:
    """Parameters as they came, without any checking; unreadable ones are left out."""
    given: dict[str, Any] = dict(parse_qsl(query.decode("utf-8", "replace"), True))
    if content_type.startswith(b"application/json"):
        try:
            decoded = msgspec.json.decode(body or b"{}")
        except msgspec.DecodeError:
            return given
        return {**given, **decoded} if isinstance(decoded, dict) else given
    if content_type.startswith(b"multipart/form-data"):
        message = email.message_from_bytes(
            b"Content-Type: " + content_type + b"\r\n\r\n" + body, policy=email.policy.HTTP
        )
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            if not isinstance(name, str):
                continue
            data: Any = part.get_payload(decode=True)
            if file_name := part.get_filename():
                given[name] = {"file_name": file_name, "data": data}
            else:
                # A part says no charset; without one the library would take it for ASCII.
                given[name] = data.decode("utf-8", "replace").removesuffix("\n")
        return given
    given.update(parse_qsl(body.decode("utf-8", "replace"), True))
    return given


def _carries_json_strings(shape: Shape, body: bytes) -> bool:
    """Objects and arrays may come as JSON strings inside a JSON body too."""
    given = msgspec.json.decode(body)
    return isinstance(given, dict) and any(isinstance(given.get(n), str) for n in shape.nested)


def _read_loosely(
    shape: Shape, content_type: bytes, query: bytes, body: bytes, *, strict: bool
) -> tuple[Params, str]:
    given = raw_params(content_type, query, body)
    is_form = not content_type.startswith(b"application/json")
    for name in shape.nested & given.keys():
        if isinstance(given[name], str):
            try:
                given[name] = msgspec.json.decode(given[name])
            except msgspec.DecodeError as error:
                raise bad_request(f"can't parse {name} JSON object") from error
    if is_form or not strict:
        for name in shape.flags & given.keys():
            given[name] = str(given[name]).lower() in _TRUE
    problem = ""
    if unknown := sorted(given.keys() - shape.names):
        problem = f"unknown parameter {', '.join(unknown)}"
        if strict:
            raise WrongRequest(problem)
    known = {name: value for name, value in given.items() if name in shape.names}
    try:
        return msgspec.convert(known, shape.type, strict=strict and not is_form), problem
    except msgspec.ValidationError as error:
        if strict:
            raise WrongRequest(str(error)) from error
        for name in shape.required:
            if known.get(name) in (None, ""):
                text = _REAL_TEXT_OF_MISSING.get(name, f"{name} is empty")
                raise bad_request(text) from error
        raise bad_request(str(error)) from error


def numeric_chat_id(chat_id: int | str) -> int:
    """The id as a number; raises "chat not found" for a name, as no group here has one."""
    if isinstance(chat_id, int):
        return chat_id
    if not chat_id:
        raise refusal("chat_id_empty")
    try:
        return int(chat_id)
    except ValueError:
        raise refusal("chat_not_found") from None
