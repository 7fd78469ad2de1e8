"""The API's description says what there is, and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml
from django.urls import URLPattern, URLResolver, get_resolver
from openapi_spec_validator import validate
from playwright.sync_api import Browser, expect

from chatorical.openapi.document import openapi_yaml
from tests.conftest import Stage

_METHODS = {"get", "post", "put", "patch", "delete"}
# Not calls: pages for people, and the description itself.
_NOT_DESCRIBED = ("admin/", "docs/")


def described() -> dict[str, Any]:
    """The document's paths, with their parameters' names left out."""
    paths = yaml.safe_load(openapi_yaml())["paths"]
    return {re.sub(r"\{\w+\}", "{}", path): operations for path, operations in paths.items()}


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every address of a URLconf."""
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield here
        else:
            yield from patterns(entry, here)


def as_path(pattern: str) -> str:
    """A Django pattern in OpenAPI's spelling."""
    plain = re.sub(r"\(\?P<\w+>.*\)", "{}", pattern.strip("^$"))
    return "/" + re.sub(r"<[^>]+>", "{}", plain)


def test_it_is_valid_openapi() -> None:
    validate(yaml.safe_load(openapi_yaml()))


def test_every_address_is_described_and_no_other() -> None:
    real = {
        as_path(pattern)
        for pattern in patterns(get_resolver())
        if not pattern.startswith(_NOT_DESCRIBED)
    }
    assert set(described()) - {"/v1/ws"} == real


def test_every_refusal_has_one_shape() -> None:
    document = yaml.safe_load(openapi_yaml())
    for path, operations in document["paths"].items():
        for method in _METHODS.intersection(operations):
            for status, answer in operations[method]["responses"].items():
                if status >= "400" and path != "/ready":
                    assert answer["$ref"].startswith("#/components/responses/"), (path, status)


def test_programs_read_it_from_any_page(stage: Stage) -> None:
    answer = requests.get(f"{stage.web}/docs/openapi.yaml", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/yaml")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.1")


@pytest.mark.usefixtures("committed_db")
def test_people_read_it_as_a_page(stage: Stage, browser: Browser) -> None:
    page = browser.new_page()
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(f"{stage.web}/docs/")
    expect(page.get_by_role("heading", name="Start a conversation")).to_be_visible(timeout=30_000)
    assert [url for url in answered if not url.startswith((stage.web, "blob:", "data:"))] == []
    page.close()
