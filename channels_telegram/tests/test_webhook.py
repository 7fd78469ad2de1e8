"""Who may deliver updates, what is answered, and that each acts once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from channels_telegram.tests.cases import Case, open_case
from channels_telegram.tests.hook import (
    HEADER,
    deliver,
    is_stored,
    message_update,
    new_update_id,
)
from tenants.models import Tenant
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET, Stage


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


@pytest.mark.parametrize(
    "secret",
    ["nope", WEBHOOK_SECRET[:-1], f"{WEBHOOK_SECRET}x", WEBHOOK_SECRET.upper(), "%00", "x" * 5000],
)
def test_an_unknown_address_is_not_found(
    stage: Stage, case: Case, default_tenant: Tenant, secret: str
) -> None:
    update = message_update(stage, case.thread_id, "SECRET")
    url = f"{stage.web}/v1/telegram/webhook/{secret}"
    answer = deliver(stage, update, url=url)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in {"webhook_not_found", "not_found"}
    assert not is_stored(default_tenant, update["update_id"])


@pytest.mark.parametrize(
    "secret",
    [
        None,
        "wrong",
        HEADER_SECRET[:-1],
        f"{HEADER_SECRET}x",
        HEADER_SECRET.upper(),
        WEBHOOK_SECRET,
        f"{HEADER_SECRET}, {HEADER_SECRET}",
        "Ω".encode().decode("latin-1"),
    ],
)
def test_without_the_right_header_nothing_is_stored(
    stage: Stage, case: Case, default_tenant: Tenant, secret: str | None
) -> None:
    before = case.history()
    update = message_update(stage, case.thread_id, "SECRET")
    answer = deliver(stage, update, secret=secret)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "webhook_unauthorized"
    assert not is_stored(default_tenant, update["update_id"])
    assert case.history() == before
    # Only the header was missing: the same update is welcome with it.
    assert deliver(stage, {**update, "message": {}}, secret=secret).status_code == 401


def test_a_good_update_is_stored_and_acts(stage: Stage, case: Case, default_tenant: Tenant) -> None:
    update = message_update(stage, case.thread_id, "by hand")
    answer = deliver(stage, update)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert is_stored(default_tenant, update["update_id"])
    assert case.history()[-1] == "by hand"


def test_the_same_update_ten_times_at_once_acts_once(stage: Stage, case: Case) -> None:
    update = message_update(stage, case.thread_id, "only once")
    webs = [stage.web, stage.second_web]
    with ThreadPoolExecutor(max_workers=10) as threads:
        answers = list(threads.map(lambda n: deliver(stage, update, web=webs[n % 2]), range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert case.history().count("only once") == 1
    assert deliver(stage, update, web=stage.second_web).status_code == 200
    # What it says the next time does not matter: the id has acted.
    again = message_update(stage, case.thread_id, "SECRET") | {"update_id": update["update_id"]}
    assert deliver(stage, again).status_code == 200
    assert "SECRET" not in case.history()


def test_telegrams_own_repetitions_act_once(stage: Stage) -> None:
    case = open_case(stage)
    stage.simulator.set_delivery(extra_copies=3, copies_at_once=True)
    try:
        case.claim("Ana")
        for number in range(5):
            case.write("Ana", f"line {number}")
        case.settled()
    finally:
        stage.simulator.set_delivery(extra_copies=0, copies_at_once=False)
    assert case.history()[1:] == [f"line {number}" for number in range(5)]
    assert len([text for text in case.texts() if "has claimed" in text]) == 1


def test_a_lost_answer_does_not_act_twice(stage: Stage, case: Case) -> None:
    stage.simulator.set_delivery(lose_answers=1, delay_scale=0)
    try:
        case.write("Ana", "the answer to this is lost")
        case.settled()
    finally:
        stage.simulator.set_delivery(lose_answers=0, delay_scale=1)
    assert case.history().count("the answer to this is lost") == 1


ODD_BODIES: list[bytes] = [
    b"",
    b"{}",
    b"null",
    b"[1, 2]",
    b"hello",
    b"\x00\xff\xfe",
    b'{"update_id": null}',
    b'{"update_id": 1e400}',
    b'{"update_id": 123456789012345678901234567890}',
    b'{"update_id": 5, "message": "x"}',
    b"[" * 100_000,
    b'{"update_id": 6, "message": {"text": "\\ud800"}}',
]


@pytest.mark.parametrize("body", ODD_BODIES)
def test_unreadable_bodies_are_answered_200(stage: Stage, body: bytes) -> None:
    answer = deliver(stage, body)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_the_declared_type_of_a_body_does_not_matter(stage: Stage) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "x"):
        answer = requests.post(
            stage.webhook_url,
            data=json.dumps({"update_id": new_update_id()}),
            headers={HEADER: HEADER_SECRET, "Content-Type": content_type},
            timeout=30,
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(stage: Stage, method: str) -> None:
    assert requests.request(method, stage.webhook_url, timeout=30).status_code == 405


@pytest.mark.parametrize(
    "more",
    [
        {"text": "a\x00b"},
        {"text": "\ud83d"},
        {"text": "\x00"},
        {"message_id": 2**52},
        {"message_id": 2**63},
        {"message_thread_id": -(2**52)},
        {"message_thread_id": 2**63},
        {"from": {"id": 2**52, "first_name": "x" * 10_000}},
        {"from": {"id": 7001, "first_name": "a\x00b"}},
        {"from": {"id": -1}},
        {"from": None},
        {"chat": {"id": 2**63}},
        {"text": "x" * 100_000},
        {"text": "/" + "\x00" * 50},
        {"text": "/note \x00"},
        {"text": "/codename a\x00b"},
        {"text": None, "caption": "\ud83d\ude00"},
        {"media_group_id": "x\x00"},
        {"forum_topic_closed": []},
        {"migrate_to_chat_id": "soon"},
    ],
)
def test_odd_values_cost_nothing_but_their_update(
    stage: Stage, case: Case, more: dict[str, Any]
) -> None:
    update = message_update(stage, case.thread_id, "odd", **more)
    assert deliver(stage, update).status_code == 200
    case.write("Ana", "and on it goes")
    case.settled()
    assert case.history()[-1] == "and on it goes"


def test_huge_update_ids(stage: Stage, case: Case, default_tenant: Tenant) -> None:
    for update_id in (2**31, 2**52, 0, -5):
        update = message_update(stage, case.thread_id, f"id {update_id}")
        assert deliver(stage, update | {"update_id": update_id}).status_code == 200
        assert is_stored(default_tenant, update_id)
        assert case.history()[-1] == f"id {update_id}"
    for update_id in (2**53, 2**63, 2**64, 10**30):
        update = message_update(stage, case.thread_id, "SECRET") | {"update_id": update_id}
        assert deliver(stage, update).status_code == 200
    assert "SECRET" not in case.history()
