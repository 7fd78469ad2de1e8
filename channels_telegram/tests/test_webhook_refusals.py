"""A call that repetition cannot mend is answered 200, so that it does not hold back its group."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from channels_telegram.tests.cases import Case, open_case
from channels_telegram.tests.hook import HEADER, deliver, is_stored, message_update, new_update_id
from tenants import services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET, Stage
from tests.nginx import running_nginx
from tests.processes import Process

TOO_LARGE = 1024 * 1024 + 1
OK = (200, {"ok": True})
PATH = f"/v1/telegram/webhook/{WEBHOOK_SECRET}"


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A conversation that Ana has."""
    opened = open_case(stage)
    opened.claim("Ana")
    return opened


@pytest.fixture(scope="module")
def watched(stage: Stage) -> Iterator[tuple[Process, str]]:
    """A web process of its own, whose log and figures are nobody else's."""
    process, web = stage.product.web()
    yield process, web
    process.stop()


def outcomes(web: str) -> dict[str, float]:
    """How many webhook calls ended how."""
    text = requests.get(f"{web}/metrics", timeout=30).text
    return {
        sample.labels["outcome"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "chatorical_telegram_webhooks_total"
    }


def raw_answer(web: str, sent: bytes) -> bytes:
    """All that comes back over a connection of one's own until the server hangs up."""
    parts = urlsplit(web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").read()


def first_answer(web: str, sent: bytes) -> tuple[int, bytes]:
    """Status and body of the answer, whatever becomes of the connection."""
    parts = urlsplit(web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def head(*lines: str, first: str = f"POST {PATH}") -> bytes:
    """The head of a webhook call, or of one that begins otherwise."""
    own = (f"{first} HTTP/1.1", "Host: x", f"{HEADER}: {HEADER_SECRET}")
    return "\r\n".join((*own, *lines, "", "")).encode()


def test_a_long_update_acts(stage: Stage, case: Case) -> None:
    """Telegram repeats what is answered with a formatted text, and its entities, in full."""
    entity = {
        "type": "text_link",
        "offset": 0,
        "length": 1,
        "url": f"https://x.example/{'y' * 900}",
    }
    answered = {
        "message_id": 1,
        "date": 1700000000,
        "chat": {"id": stage.group.chat_id, "type": "supergroup"},
        "text": "x" * 4096,
        "entities": [entity] * 600,
    }
    update = message_update(stage, case.thread_id, "long", reply_to_message=answered)
    assert 500_000 < len(json.dumps(update)) < TOO_LARGE
    answer = deliver(stage, update)
    assert (answer.status_code, answer.json()) == OK
    assert case.history()[-1] == "long"


@pytest.mark.parametrize("size", [TOO_LARGE, 9 * TOO_LARGE])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_the_limit_lets_the_group_go_on(
    stage: Stage, case: Case, default_tenant: Tenant, size: int, is_chunked: bool
) -> None:
    update = message_update(stage, case.thread_id, "SECRET", x="y" * size)
    body = json.dumps(update).encode()
    chunks = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    with requests.Session() as session:
        for sent in (chunks if is_chunked else body, json.dumps({"update_id": new_update_id()})):
            answer = session.post(
                stage.webhook_url, data=sent, headers={HEADER: HEADER_SECRET}, timeout=60
            )
            assert (answer.status_code, answer.json()) == OK
    assert not is_stored(default_tenant, update["update_id"])
    case.write("Ana", "and on it goes")
    case.settled()
    assert case.history()[-1] == "and on it goes"


def test_a_body_without_end_is_answered_without_reading_it(stage: Stage) -> None:
    answer = raw_answer(stage.web, head("Content-Length: 10000000000"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b'{"ok":true}')


@pytest.mark.parametrize("body", [b" " * TOO_LARGE, b'{"update_id": 5}'])
def test_the_secrets_come_first(stage: Stage, body: bytes) -> None:
    many = {f"X-{number}": "x" for number in range(120)} if len(body) < 100 else {}
    known, unknown = stage.webhook_url, f"{stage.web}/v1/telegram/webhook/nope"
    for url, secret, status in ((unknown, HEADER_SECRET, 404), (known, "wrong", 401)):
        headers = {HEADER: secret, **many}
        assert requests.post(url, data=body, headers=headers, timeout=30).status_code == status


@pytest.mark.parametrize(
    "sent",
    [
        head("Content-Length: 2", "Connection: close", *(f"X-{n}: x" for n in range(120))) + b"{}",
        head("Content-Length: 2", "Connection: close", "Host: y") + b"{}",
        head("Content-Length: 2", "Connection: close", "X-Filler: " + "x" * 65_400) + b"{}",
        head("Content-Length: 2", "X-Filler: " + "x" * 80_000) + b"{}",
        head("no header at all"),
    ],
    ids=["many headers", "two hosts", "long head", "longer head", "unreadable head"],
)
def test_a_head_that_is_refused_lets_the_group_go_on(stage: Stage, sent: bytes) -> None:
    answer = raw_answer(stage.web, sent)
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert answer.endswith(b'{"ok":true}')


OTHER_FIRST_LINES = [
    f"GET {PATH}",
    f"DELETE {PATH}",
    "POST /v1/telegram/webhook/",
    f"POST {PATH}/more",
    f"POST {PATH}%2Fmore",
    f"POST /v1/telegram{PATH}",
]


@pytest.mark.parametrize("first", OTHER_FIRST_LINES)
@pytest.mark.parametrize(
    ("line", "statuses"),
    # A long head that arrives at once is complete: then the address is looked at first.
    [("X-Filler: " + "x" * 80_000, (b"431", b"404")), ("no header at all", (b"400",))],
    ids=["long head", "unreadable head"],
)
def test_a_head_that_telegram_does_not_send_is_refused(
    stage: Stage, first: str, line: str, statuses: tuple[bytes, ...]
) -> None:
    answer = raw_answer(stage.web, head("Content-Length: 2", line, first=first) + b"{}")
    assert answer.split()[1] in statuses, answer


def test_a_query_changes_nothing(stage: Stage) -> None:
    sent = head("no header at all", first=f"POST {PATH}?tenant=x")
    assert raw_answer(stage.web, sent).startswith(b"HTTP/1.1 200 ")


def test_who_does_not_know_the_secret_sends_no_more_than_others_may(stage: Stage) -> None:
    """The answer comes when 257 KiB of a mebibyte are there: nobody keeps or awaits the rest."""
    sent = head(f"Content-Length: {TOO_LARGE - 1}", first="POST /v1/telegram/webhook/nope")
    parts = urlsplit(stage.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(sent + b" " * (257 * 1024))
        answer = HTTPResponse(connection)
        answer.begin()
        assert answer.status == 404
        assert b'"webhook_not_found"' in answer.read()
        # The rest of this call is read, and the connection serves the next one.
        connection.sendall(b" " * (TOO_LARGE - 1 - 257 * 1024))
        connection.sendall(head("Content-Length: 2", "Connection: close") + b"{}")
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 ")


def test_who_knows_the_secret_may_send_a_long_body_in_pieces(stage: Stage, case: Case) -> None:
    update = message_update(stage, case.thread_id, "in pieces", x="y" * 400_000)
    body = json.dumps(update).encode()
    parts = urlsplit(stage.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 30) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}", "Connection: close"))
        for start in range(0, len(body), 100_000):
            connection.sendall(body[start : start + 100_000])
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 ")
    assert case.history()[-1] == "in pieces"


def test_other_calls_are_still_refused(stage: Stage) -> None:
    start = f"{stage.web}/v1/conversations/start"
    assert requests.post(start, data=b" " * 300_000, timeout=30).status_code == 413
    webhook_by_get = requests.get(
        stage.webhook_url, headers={f"X-{number}": "x" for number in range(120)}, timeout=30
    )
    assert webhook_by_get.status_code == 431


def test_refusals_are_counted_and_logged_without_secrets(
    stage: Stage, watched: tuple[Process, str]
) -> None:
    process, web = watched
    before = outcomes(web)
    assert deliver(stage, b" " * TOO_LARGE, web=web).status_code == 200
    raw_answer(web, head("Content-Length: 2", "X-Filler: " + "x" * 80_000) + b"{}")
    after = outcomes(web)
    for outcome in ("payload_too_large", "headers_too_large"):
        assert after[outcome] == before.get(outcome, 0) + 1
    process.wait_for_log("webhook_call_refused")
    log = "".join(process.log)
    assert WEBHOOK_SECRET not in log
    assert HEADER_SECRET not in log


def test_what_repetition_cures_stays_refused(
    stage: Stage, case: Case, default_tenant: Tenant
) -> None:
    """A tenant's own limit delays updates; Telegram obeys `Retry-After`, and nothing is lost."""
    with tenant_scope(default_tenant.pk) as tenant:
        for key, value in (("points", 1), ("durationSec", 2)):
            services.set_setting(
                tenant=tenant, key=f"rl.telegram_webhook.{key}", value=value, actor=SYSTEM
            )
    try:
        refused = [deliver(stage, {"update_id": new_update_id()}) for _ in range(20)]
        late = next(answer for answer in refused if answer.status_code == 429)
        assert int(late.headers["Retry-After"]) <= 2
        for number in range(3):
            case.write("Ana", f"delayed {number}")
        case.settled()
        assert case.history()[-3:] == [f"delayed {number}" for number in range(3)]
    finally:
        with tenant_scope(default_tenant.pk) as tenant:
            for key in ("points", "durationSec"):
                services.reset_setting(
                    tenant=tenant, key=f"rl.telegram_webhook.{key}", actor=SYSTEM
                )


def test_nginx_leaves_the_decision_to_the_application(stage: Stage, case: Case) -> None:
    with running_nginx(stage.web) as front:
        long = message_update(stage, case.thread_id, "by nginx", x="y" * 600_000)
        assert deliver(stage, long, web=front.address).status_code == 200
        assert case.history()[-1] == "by nginx"
        over = deliver(stage, b" " * (3 * TOO_LARGE), web=front.address)
        assert (over.status_code, over.json()) == OK
        for headers in NGINX_REFUSES:
            answer = raw_answer(front.address, head("Content-Length: 2", headers) + b"{}")
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            assert answer.endswith(b'{"ok":true}')
        # Everything else is refused as before.
        start = f"{front.address}/v1/conversations/start"
        assert requests.post(start, data=b" " * 300_000, timeout=30).status_code == 413
        headers_of_others = {"X-Filler": "x" * 40_000}
        refused = requests.get(f"{front.address}/health", headers=headers_of_others, timeout=30)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")


NGINX_REFUSES = ("X-Filler: " + "x" * 40_000, "a\x00b: c")


def test_nginx_refuses_what_telegram_does_not_send(stage: Stage) -> None:
    with running_nginx(stage.web) as front:
        for first in OTHER_FIRST_LINES:
            for headers in NGINX_REFUSES:
                sent = head("Content-Length: 2", headers, first=first) + b"{}"
                answer = raw_answer(front.address, sent)
                assert answer.startswith(b"HTTP/1.1 400 "), (first, answer)


def test_nginx_reads_no_more_than_the_application_and_logs_what_it_answers(stage: Stage) -> None:
    with running_nginx(stage.web) as front:
        for sent in (head("Content-Length: 10000000000"), head(NGINX_REFUSES[1])):
            assert first_answer(front.address, sent) == (200, b'{"ok":true}')
        by_others = head("Content-Length: 10000000000", first=f"PUT {PATH}")
        assert first_answer(front.address, by_others)[0] == 400
    lines = [json.loads(line) for line in front.access_log]
    refused = [line for line in lines if line["path"] == "/-/webhook-call-refused"]
    assert [line["status"] for line in refused] == [200, 200]
    assert WEBHOOK_SECRET not in json.dumps(lines)
