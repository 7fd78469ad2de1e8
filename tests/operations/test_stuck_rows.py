"""One stuck row is one customer's trouble: the process goes on for everybody else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests
from django.db import connection

from tenants.configuration import default_tenant_id
from tenants.scope import tenant_scope
from tests import customer
from tests.conftest import Stage
from tests.waiting import wait_until

CALLS = 8


def waiting_calls() -> set[tuple[int, str]]:
    """The sessions that wait for a lock of this one, each with when it began to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, waitstart::text FROM pg_locks "
            "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return set(cursor.fetchall())


def is_answered_beside_them(url: str) -> bool:
    """Whether a call that is stuck now still is when this one has been answered."""
    before = waiting_calls()
    assert requests.get(url, timeout=60).status_code == 200
    return bool(before & waiting_calls())


def test_the_process_lives_and_the_stuck_call_is_told_to_come_again(
    stage: Stage, committed_db: None
) -> None:
    stuck = customer.arrive(stage.web)
    stuck.send("hello")
    webs = (stage.web, stage.second_web)
    others_are_served = threading.Event()
    answers: list[int] = []

    def send(number: int) -> None:
        """Without a pause, so that some call is always stuck."""
        while True:
            answer = requests.post(
                stuck.url("messages", webs[number % 2]),
                json={"text": str(number)},
                headers=stuck.headers,
                timeout=60,
            )
            answers.append(answer.status_code)
            if others_are_served.is_set():
                return

    with ThreadPoolExecutor(CALLS) as pool, tenant_scope(default_tenant_id()):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM conversations_conversation WHERE id = %s FOR UPDATE",
                [stuck.conversation_id],
            )
        sending = [pool.submit(send, number) for number in range(CALLS)]
        try:
            for url in [web + path for web in webs for path in ("/health", "/widget.js")]:
                is_answered = partial(is_answered_beside_them, url)
                wait_until(is_answered, f"{url} answers while others are stuck")
        finally:
            others_are_served.set()
        for one in sending:
            one.result(timeout=120)
    assert len(answers) >= CALLS
    assert set(answers) == {503}
    assert stuck.send("and on it goes")["seq"] == 2
