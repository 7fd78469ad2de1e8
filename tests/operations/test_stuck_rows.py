"""One stuck row is one customer's trouble: the process goes on for everybody else."""

import threading

import requests
from django.db import connection

from tenants.configuration import default_tenant_id
from tenants.scope import tenant_scope
from tests import customer
from tests.conftest import Stage


def test_the_process_lives_and_the_stuck_call_is_told_to_come_again(
    stage: Stage, committed_db: None
) -> None:
    stuck = customer.arrive(stage.web)
    stuck.send("hello")
    answers: list[int] = []

    def send(number: int) -> None:
        answer = requests.post(
            stuck.url("messages"), json={"text": str(number)}, headers=stuck.headers, timeout=60
        )
        answers.append(answer.status_code)

    with tenant_scope(default_tenant_id()):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM conversations_conversation WHERE id = %s FOR UPDATE",
                [stuck.conversation_id],
            )
        threads = [threading.Thread(target=send, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        assert requests.get(f"{stage.web}/health", timeout=60).status_code == 200
        assert requests.get(f"{stage.web}/widget.js", timeout=60).status_code == 200
        assert len(answers) < 8, "the others waited for the stuck calls"
        for thread in threads:
            thread.join()
    assert answers == [503] * 8
    assert stuck.send("and on it goes")["seq"] == 2
