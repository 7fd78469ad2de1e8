"""A struct that a call answers with becomes the component that OpenAPI shows."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from drf_spectacular.generators import SchemaGenerator
from msgspec import UNSET, Meta, UnsetType

from chatorical.openapi.answers import AnswerExtension, AnswerSchema
from chatorical.openapi.document import openapi_yaml
from kernel.rest.answers import Answer, Moment, PageJson, page_of


class Colour(StrEnum):
    """Of a kind."""

    RED = "red"
    BLUE = "blue"


class InnerThing(Answer, frozen=True, kw_only=True):
    """A part."""

    title: str


class OuterThing(Answer, frozen=True, kw_only=True):
    """A whole."""

    id: UUID
    colour: Colour
    colours: list[Colour]
    at: Annotated[Moment | None, Meta(description="Null at first.")]
    part: Annotated[InnerThing | None, Meta(description="Null without one.")]
    values: dict[str, object]
    name: str | UnsetType = UNSET


def described(struct: type[Answer]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The struct's schema, and the components that were registered for its parts."""
    schema = AnswerSchema()
    schema.registry = SchemaGenerator().registry  # type: ignore[no-untyped-call]
    extension = AnswerExtension(struct)  # type: ignore[no-untyped-call]
    own = extension.map_serializer(schema, "response")
    registered = schema.registry._components.values()
    return own, {component.name: component.schema for component in registered}


def test_fields_have_their_types_and_descriptions() -> None:
    own, components = described(OuterThing)
    colour = {"type": "string", "enum": ["blue", "red"]}
    assert own["description"] == "A whole."
    assert own["required"] == ["id", "colour", "colours", "at", "part", "values"]
    assert own["properties"] == {
        "id": {"type": "string", "format": "uuid"},
        "colour": colour,
        "colours": {"type": "array", "items": colour},
        "at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "Null at first.",
        },
        "part": {
            "oneOf": [{"$ref": "#/components/schemas/InnerThing"}, {"type": "null"}],
            "description": "Null without one.",
        },
        "values": {"type": "object", "additionalProperties": {}},
        "name": {"type": "string"},
    }
    # A field may be called `title`; the titles that msgspec adds are left out.
    assert components["InnerThing"] == {
        "type": "object",
        "description": "A part.",
        "properties": {"title": {"type": "string"}},
        "required": ["title"],
    }


def test_a_page_is_named_after_its_rows() -> None:
    [page] = page_of(InnerThing).values()
    assert page.__name__ == "InnerThingPage"
    own, _ = described(page)
    assert own["properties"]["data"]["items"] == {"$ref": "#/components/schemas/InnerThing"}
    assert own["properties"]["next_cursor"]["type"] == ["string", "null"]


def test_no_two_answers_share_a_name() -> None:
    assert openapi_yaml()  # imports every view
    pending: list[type[Answer]] = [Answer]
    names = []
    while pending:
        found = pending.pop()
        pending.extend(found.__subclasses__())
        if not issubclass(found, PageJson):
            names.append(found.__name__)
    assert sorted(names) == sorted(set(names))
