"""Whatever somebody with the secrets sends: no error of ours."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_telegram.tests.cases import Case, open_case
from channels_telegram.tests.hook import deliver, message_update, new_update_id
from tests.conftest import Stage

SOME = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["/claim", "/note x", "/codename y", "\ud800", "a\x00", -1001234567890, 7001]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=12), inner, max_size=5),
    ),
    max_leaves=25,
)
KINDS = st.sampled_from(
    ["message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll"]
)


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


@SOME
@given(body=st.one_of(JSON, st.dictionaries(KINDS, JSON, max_size=2)))
def test_any_json(stage: Stage, case: Case, body: Any) -> None:
    if isinstance(body, dict):
        body["update_id"] = new_update_id()
    answer = deliver(stage, json.dumps(body).encode("utf-8", "surrogatepass"))
    assert answer.status_code == 200, answer.text


@SOME
@given(body=st.binary(max_size=300))
def test_any_bytes(stage: Stage, case: Case, body: bytes) -> None:
    answer = deliver(stage, body)
    assert answer.status_code == 200, answer.text


@SOME
@given(seed=st.integers(0, 2**32), value=JSON, times=st.integers(1, 3))
def test_real_updates_with_something_wrong(
    stage: Stage, case: Case, seed: int, value: Any, times: int
) -> None:
    dice = random.Random(seed)
    update = copy.deepcopy(dice.choice(real_updates(stage, case)))
    for _ in range(times):
        spoil(update, value, dice)
    update["update_id"] = new_update_id()
    answer = deliver(stage, json.dumps(update).encode("utf-8", "surrogatepass"))
    assert answer.status_code == 200, answer.text


def test_the_group_is_still_served(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    case.write("Ana", "here we are")
    case.settled()
    assert case.history()[-1] == "here we are"


def spoil(value: Any, replacement: Any, dice: random.Random) -> None:
    """Replace, remove or add one thing somewhere inside."""
    replacement = copy.deepcopy(replacement)
    while isinstance(value, dict) and value:
        key = dice.choice(sorted(value))
        if isinstance(value[key], dict) and dice.random() < 0.7:
            value = value[key]
            continue
        action = dice.randrange(3)
        if action == 0:
            value[key] = replacement
        elif action == 1:
            del value[key]
        else:
            value[f"{key}_{dice.randrange(9)}"] = replacement
        return


def real_updates(stage: Stage, case: Case) -> list[dict[str, Any]]:
    """Updates of every kind we read, as Telegram sends them."""
    words = message_update(stage, case.thread_id, "Hello")
    own = case.customer.conversation_id
    return [
        words,
        message_update(stage, case.thread_id, "/note x", media_group_id="1"),
        message_update(stage, case.thread_id, "", caption="see", photo=[{"file_id": "x"}]),
        {**words, "edited_message": words["message"]},
        {
            "update_id": 0,
            "callback_query": {
                "id": str(new_update_id()),
                "from": words["message"]["from"],
                "message": words["message"],
                "chat_instance": "1",
                "data": f"takeover:{own}",
            },
        },
        {
            "update_id": 0,
            "my_chat_member": {
                "chat": words["message"]["chat"],
                "from": words["message"]["from"],
                "date": 1700000000,
                "old_chat_member": {"status": "left", "user": words["message"]["from"]},
                "new_chat_member": {"status": "administrator", "user": {"id": 123456789}},
            },
        },
    ]
