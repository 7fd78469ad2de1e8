"""Building the OpenAPI document."""

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from attachments.api.answers import SentFile
from chatorical.openapi import extensions
from chatorical.openapi.answers import components_of
from conversations.api.customer.widget_config import WidgetConfig

# Known to the generator once they are imported.
assert extensions

# What the calls in the file by hand answer, where that is a struct.
_CUSTOMER_ANSWERS = (SentFile, WidgetConfig)
_BY_HAND = Path(__file__).with_name("customer.yaml")
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_REFUSALS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "429": "RateLimited",
    "503": "Unavailable",
}
_REFUSALS_OF_BODIES = {
    "409": "Conflict",
    "412": "PreconditionFailed",
    "413": "PayloadTooLarge",
    "415": "UnsupportedMediaType",
}

# It takes a second of a processor: callers who ask meanwhile wait for the first one.
_GENERATING = Lock()
_IDEMPOTENCY_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}


def openapi_yaml() -> bytes:
    """The whole document; the same bytes for as long as the process lives."""
    with _GENERATING:
        return _generated()


@lru_cache(maxsize=1)
def _generated() -> bytes:
    # The library's own parts carry no types.
    generate, render = _untyped(SchemaGenerator), _untyped(OpenApiYamlRenderer)
    rendered: bytes = render().render(generate().get_schema(request=None, public=True))
    return rendered


def complete(
    result: dict[str, Any], generator: SchemaGenerator, request: object, public: bool
) -> dict[str, Any]:
    """Give every generated call its refusals, and add what was written by hand.

    A drf-spectacular postprocessing hook.
    """
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                _add_refusals(method, operation)
                if method != "get" and path.startswith("/v2/admin/"):
                    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    by_hand = yaml.safe_load(_BY_HAND.read_text(encoding="utf-8"))
    for path in by_hand["paths"].values():
        shared = path.pop("parameters", [])
        for operation in path.values():
            operation["parameters"] = [*shared, *operation.get("parameters", ())]
    result["paths"] = {**by_hand["paths"], **result["paths"]}
    result["tags"] = [*by_hand["tags"], *result.get("tags", ())]
    components = result.setdefault("components", {})
    for kind, named in by_hand["components"].items():
        components[kind] = {**components.get(kind, {}), **named}
    components["schemas"] |= components_of(*_CUSTOMER_ANSWERS)
    return result


def _untyped(thing: Any) -> Any:
    return thing


def _add_refusals(method: str, operation: dict[str, Any]) -> None:
    if operation.get("deprecated") and "410" in operation["responses"]:
        # Nothing is carried out any more.
        operation["responses"] = {"410": {"$ref": "#/components/responses/Gone"}}
    for answer in operation["responses"].values():
        # The generator leaves it empty, and the standard wants one.
        if "$ref" not in answer:
            answer["description"] = answer.get("description") or "Done."
    refusals = dict(_REFUSALS)
    if method != "get":
        refusals |= _REFUSALS_OF_BODIES
    for status, name in refusals.items():
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
