"""One request id joins what a call has set off, through every process."""

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from tests import customer
from tests.conftest import BOT_TOKEN, CHAT_ID, HEADER_SECRET, WEBHOOK_SECRET
from tests.operations.conftest import Observed
from tests.processes import Process

pytestmark = pytest.mark.xdist_group("observed")
SECRET_WORDS = "my card number is 4111-1111"
REPLY = "nobody shall read this in a log"


def lines_of(process: Process, request_id: str) -> list[dict[str, Any]]:
    """What a process has logged under this id so far."""
    found = [json.loads(line) for line in process.log if line.startswith("{")]
    return [line for line in found if line["request_id"] == request_id]


def wait_for_call(observed: Observed, request_id: str, method: str) -> dict[str, Any]:
    """The worker's line about a Bot API call that was made for this request."""

    def look() -> dict[str, Any] | None:
        for line in lines_of(observed.stage.worker, request_id):
            if line["event"] == "telegram_call" and line["method"] == method:
                return line
        return None

    found: dict[str, Any] = observed.stage.simulator.wait_for(look, f"{method} in the log", 30)
    return found


def enqueued_under(observed: Observed, request_id: str) -> list[str]:
    """The kinds of outbox items that carry this id."""
    with psycopg.connect(observed.postgres.admin_url) as connection:
        rows = connection.execute(
            "SELECT kind FROM outbox_outboxitem WHERE request_id = %s", [request_id]
        )
        return [kind for (kind,) in rows]


def test_a_message_is_followed_to_telegram_and_an_answer_back(observed: Observed) -> None:
    visitor = customer.arrive(observed.web, name="Mara")
    socket = visitor.socket()
    sent = f"message-{uuid4().hex}"
    answer = visitor.call(
        "POST", "messages", json={"text": SECRET_WORDS}, headers={"X-Request-ID": sent}
    )
    assert answer.headers["X-Request-ID"] == sent
    topic = observed.stage.group.wait_for_topic(f"Mara — {visitor.codename}")
    call = wait_for_call(observed, sent, "sendMessage")
    whose = (visitor.tenant_id, visitor.conversation_id)
    assert (call["tenant_id"], call["conversation_id"], call["outcome"]) == (*whose, "ok")
    events = {line["event"] for line in lines_of(observed.stage.worker, sent)}
    assert "task_began" in events, "the wake-up travels under the id, too"
    observed.process.wait_for_log(sent)
    [access] = [line for line in lines_of(observed.process, sent) if line["event"] == "request"]
    assert (access["tenant_id"], access["conversation_id"]) == whose
    assert enqueued_under(observed, sent)

    # An agent who has not claimed is told so: that answer goes out under the webhook call's id.
    heard = f"webhook-{uuid4().hex}"
    requests.post(
        f"{observed.web}/v1/telegram/webhook/{WEBHOOK_SECRET}",
        json={
            "update_id": 8_000_001,
            "message": {
                "message_id": 900_001,
                "date": 1,
                "chat": {"id": CHAT_ID, "type": "supergroup"},
                "from": {"id": 7001, "is_bot": False, "first_name": "Ana"},
                "message_thread_id": topic.thread_id,
                "is_topic_message": True,
                "text": REPLY,
            },
        },
        headers={"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET, "X-Request-ID": heard},
        timeout=30,
    ).raise_for_status()
    told = wait_for_call(observed, heard, "sendMessage")
    assert told["tenant_id"] == visitor.tenant_id

    socket.say(SECRET_WORDS)
    socket.next_where(direction="INBOUND", text=SECRET_WORDS)
    for process in (observed.process, observed.stage.worker):
        log = "".join(process.log)
        for secret in (
            *(visitor.token, WEBHOOK_SECRET, HEADER_SECRET, BOT_TOKEN, BOT_TOKEN.split(":")[1]),
            *("4111-1111", REPLY),
        ):
            assert secret not in log
        structured = [json.loads(line) for line in process.log if line.startswith("{")]
        assert structured
        assert [line for line in structured if not line["request_id"]] == []


def test_a_failed_delivery_says_whose_it_was(observed: Observed) -> None:
    visitor = customer.arrive(observed.web, name="Lea")
    sent = f"failing-{uuid4().hex}"
    observed.stage.simulator.add_fault("error", method="createForumTopic", status=500, name="")
    visitor.call("POST", "messages", json={"text": "Hello"}, headers={"X-Request-ID": sent})
    observed.stage.group.wait_for_topic(f"Lea — {visitor.codename}", timeout_seconds=30)
    failed = [
        line for line in lines_of(observed.stage.worker, sent) if line["event"] == "delivery_failed"
    ]
    assert [line["conversation_id"] for line in failed] == [visitor.conversation_id]


def test_a_task_that_crashes_is_logged_under_its_request(observed: Observed) -> None:
    crashed = f"crash-{uuid4().hex}"
    send = f"'outbox.tasks.prune', args=['nonsense'], headers={{'request_id': '{crashed}'}}"
    observed.stage.product.manage(
        "shell", "-c", f"from celery import current_app; current_app.send_task({send})"
    )
    observed.stage.worker.wait_for_log("raised unexpected")
    logged = lines_of(observed.stage.worker, crashed)
    assert any("TypeError" in json.dumps(line) for line in logged)
