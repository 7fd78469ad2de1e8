"""The operator's own server, which has the service token."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from tests.stage import Stage

HEADER = "X-Internal-Auth"


class Operator:
    """Calls the v1 admin addresses of one web process."""

    def __init__(self, web: str) -> None:
        self.web = web

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Any call, whatever it answers."""
        return requests.request(
            method,
            f"{self.web}{path}",
            headers={HEADER: settings.SERVICE_TOKEN, **(headers or {})},
            timeout=60,
            allow_redirects=False,
            **options,
        )

    def get(self, path: str, **query: Any) -> Any:
        """The body of an answered GET."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        """The body of an answered POST."""
        answer = self.call("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """Every page of a list, following the `Link` header."""
        answer = self.call("GET", path, params=query)
        while True:
            assert answer.status_code == 200, answer.text
            yield answer.json()
            following = answer.links.get("next")
            if following is None:
                return
            parts = urlsplit(following["url"])
            assert f"{parts.scheme}://{parts.netloc}" == self.web
            answer = self.call("GET", f"{parts.path}?{parts.query}")


def operator_of(stage: Stage) -> Operator:
    """The operator at the first web process."""
    return Operator(stage.web)
