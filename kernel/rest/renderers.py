"""What Django REST framework renders answers with; workers encode answers without it."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from kernel.rest.answers import encode


class AnswerRenderer(BaseRenderer):
    """Django REST framework's renderer of structs and of what they are made of."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """UTF-8; nothing at all for None."""
        return b"" if data is None else encode(data)
