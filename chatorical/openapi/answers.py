"""How the structs that calls answer with are described; found by drf-spectacular itself."""

from typing import Any, get_args, get_origin

import msgspec
from django.db.models import Choices
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from kernel.rest.answers import Answer

_REFERENCE = "#/components/schemas/"
Schema = dict[str, Any]


class AnswerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A struct as a component named like its class, from `msgspec.json.schema`."""

    target_class = "kernel.rest.answers.Answer"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        """The name of the class, which no other answer may have."""
        name: str = self.target.__name__
        return name

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> str:
        """The same: of a struct within another one only the name is known."""
        return self.get_name(auto_schema, direction)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """The struct's schema; structs within it become components too."""
        components = components_of(self.target)
        for name, schema in components.items():
            part = ResolvedComponent(  # type: ignore[no-untyped-call]
                name, ResolvedComponent.SCHEMA, schema=schema, object=name
            )
            auto_schema.registry.register_on_missing(part)
        return components[self.target.__name__]


class AnswerSchema(AutoSchema):
    """Also knows `list[…]` of a struct, for calls that answer with a bare array."""

    def _get_response_for_code(
        self, serializer: Any, status_code: str, *arguments: Any, **options: Any
    ) -> Schema:
        if get_origin(serializer) is list:
            row = self.resolve_serializer(get_args(serializer)[0], "response")
            serializer = {"type": "array", "items": row.ref}
        described: Schema = super()._get_response_for_code(  # type: ignore[no-untyped-call]
            serializer, status_code, *arguments, **options
        )
        return described


def components_of(*answers: type[Answer]) -> dict[str, Schema]:
    """The schemas of these structs and of those within them, by name."""
    _, components = msgspec.json.schema_components(
        answers, schema_hook=_schema_of, ref_template=f"{_REFERENCE}{{name}}"
    )
    enums = {
        name: {"enum": schema["enum"]} for name, schema in components.items() if "enum" in schema
    }
    return {name: _plain(schema, enums) for name, schema in components.items() if name not in enums}


def _schema_of(kind: type) -> Schema:
    """What `msgspec.json.schema` does not know: any value, and Django's enums."""
    if kind is object:
        # `_plain` takes the title away again.
        return {"title": "Any value"}
    if issubclass(kind, Choices):
        return {"enum": kind.values}
    raise NotImplementedError


def _plain(schema: Any, enums: dict[str, Schema]) -> Any:
    """The schema without titles, with enums in place and nulls as drf-spectacular writes them.

    Its hooks give enums their names, the same ones as in the bodies that calls take.
    """
    if isinstance(schema, list):
        return [_plain(item, enums) for item in schema]
    if not isinstance(schema, dict):
        return schema
    enum = enums.get(str(schema.get("$ref", "")).removeprefix(_REFERENCE))
    if enum is not None:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**rest, **enum}
    plain = {
        name: _plain(value, enums)
        for name, value in schema.items()
        if name != "title" or not isinstance(value, str)
    }
    if "enum" in plain:
        plain = {"type": "string", **plain}
    alternatives = plain.pop("anyOf", None)
    if alternatives is None:
        return plain
    value, *others = alternatives
    if others == [{"type": "null"}] and isinstance(value.get("type"), str):
        return {**plain, **value, "type": [value["type"], "null"]}
    return {**plain, "oneOf": alternatives}
