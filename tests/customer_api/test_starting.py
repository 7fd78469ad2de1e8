"""POST /v1/conversations/start."""

import re
from uuid import UUID

import pytest
import requests

from tests.answers import assert_refused
from tests.conftest import Stage
from tests.customer import new_address


def start(stage: Stage, body: dict[str, object] | None = None) -> requests.Response:
    return requests.post(
        f"{stage.web}/v1/conversations/start",
        json=body,
        headers={"X-Forwarded-For": new_address()},
        timeout=30,
    )


def test_a_start_answers_who_and_what(stage: Stage) -> None:
    answer = start(stage, {"name": "Mara", "locale": "lv-LV"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"conversation_id", "token", "codename", "tenant_id"}
    assert UUID(body["conversation_id"]).version == 4, "not guessable"
    assert UUID(body["tenant_id"])
    assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+ #[0-9A-F]{4}", body["codename"])


@pytest.mark.parametrize("body", [None, {}, {"name": None, "locale": None}, {"name": ""}])
def test_nothing_needs_to_be_said(stage: Stage, body: dict[str, object] | None) -> None:
    assert start(stage, body).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "Al",
        " Al ",
        "x" * 32,
        "😀",
        "J. R. Smith",
        "Dr.K",
        "3.5",
        "عبد الله",
        "e\u0301" * 16,
        "<b>Mara</b>",
        "𝓜𝓪𝓻𝓪" * 8,
    ],
)
def test_names_that_people_have(stage: Stage, name: str) -> None:
    assert start(stage, {"name": name}).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "x",
        " x ",
        "   ",
        "x" * 33,
        "http://evil",
        "HTTPS://EVIL",
        "www.evil",
        "shop.example",
        "me at evil.ru",
        "nu\x00l",
        "lone \ud800",
        5,
        True,
        ["Mara"],
        {"first": "Mara"},
    ],
)
def test_names_that_are_none(stage: Stage, name: object) -> None:
    assert_refused(start(stage, {"name": name}), 400, "invalid_name")


@pytest.mark.parametrize("locale", [7, True, ["lv"], {}])
def test_a_locale_is_a_text(stage: Stage, locale: object) -> None:
    error = assert_refused(start(stage, {"locale": locale}), 400, "invalid_parameter")
    assert error["details"] == {"field": "locale"}
