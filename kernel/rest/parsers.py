"""JSON objects in, JSON out, whatever else a caller accepts."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.http import HttpRequest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from kernel.errors import UnsupportedMediaType
from kernel.http import read_json_object


class JsonObjectParser(BaseParser):
    """A body as the fast calls read it: a JSON object in UTF-8, or refused under the same codes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The object; raises InvalidJson, PayloadTooLarge."""
        assert parser_context is not None
        request: HttpRequest = parser_context["request"]._request
        return read_json_object(request)


class OnlyJson(BaseContentNegotiation):
    """One shape in each direction: an `Accept` of a browser or a proxy changes nothing."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """For JSON and for a body of no declared type; raises UnsupportedMediaType for others."""
        declared = (request.content_type or "").partition(";")[0].strip().lower()
        if declared not in {"", "application/json"}:
            raise UnsupportedMediaType()
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The first one."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
