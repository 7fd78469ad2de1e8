"""What the logs never say, whoever writes the line."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest
import requests
from websockets.sync.client import connect

from tenants.api_keys import services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests import customer
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET, Stage
from tests.sockets.typed import typed


def test_tokens_secrets_and_texts_stay_out_of_the_web_log(stage: Stage) -> None:
    process, web = stage.product.web()
    visitor = customer.arrive(web, name="Mara")
    socket = visitor.socket()
    socket.say("my card number is 4111-1111")
    socket.next_where(direction="INBOUND")
    requests.post(
        f"{web}/v1/telegram/webhook/{WEBHOOK_SECRET}",
        json={"update_id": 7_000_001},
        headers={"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET},
        timeout=30,
    )
    socket.close()
    with typed(visitor, web):
        pass
    # Any spelling of the name is the token's.
    with connect(f"{web.replace('http', 'ws', 1)}/v1/ws?%74oken={visitor.token}") as spelled:
        assert json.loads(spelled.recv(timeout=60)) == {"ok": True}
    process.wait_for_log("telegram_webhook")
    process.stop()

    log = "".join(process.log)
    assert "/v1/ws?[hidden]" in log
    for secret in (visitor.token, WEBHOOK_SECRET, HEADER_SECRET, "4111-1111"):
        assert secret not in log
    assert '"request_id"' in log


def test_api_keys_stay_out_of_the_web_log(stage: Stage, acme: Tenant) -> None:
    with tenant_scope(acme.pk) as scoped:
        issued = services.issue_api_key(
            tenant=scoped, name="Shop", scopes=["admin:read"], actor=SYSTEM
        )
    process, web = stage.product.web()
    for key in (issued.secret, f"{issued.secret[:-1]}-"):
        for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
            requests.post(f"{web}/v1/conversations/start", headers=headers, timeout=30)
    process.wait_for_log('"status": 401')
    process.stop()

    log = "".join(process.log)
    assert str(acme.pk) in log
    assert issued.secret.split("_")[3] not in log


def test_invitations_stay_out_of_the_web_log(stage: Stage) -> None:
    process, web = stage.product.web()
    token = uuid4().hex + "x" * 43
    page = f"{web}/admin/invitations/default/{token}"
    for method, status in (("GET", 404), ("POST", 403)):
        assert requests.request(method, page, timeout=30).status_code == status
    process.wait_for_log("Forbidden")
    process.stop()

    log = "".join(process.log)
    assert "/admin/invitations/default/[hidden]" in log
    assert token not in log


def test_the_access_line_says_whose_request_it_was(stage: Stage) -> None:
    process, web = stage.product.web()
    visitor = customer.arrive(web)
    visitor.send("hello")
    line = process.wait_for_log('"surface": "conversation"')
    process.stop()
    assert visitor.conversation_id in line
    assert visitor.tenant_id in line


def test_a_crash_in_a_readable_log_shows_no_values() -> None:
    script = """
from chatorical.logs import logging_config
logging_config(level="INFO", pretty=True)
import structlog

def deliver(bot_token):
    raise ValueError("boom")

try:
    deliver("123:do-not-" + "show-me")
except ValueError:
    structlog.get_logger("x").exception("crashed")
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "boom" in shown.stderr
    assert "do-not-show-me" not in shown.stderr


_CRASHES = r"""
import sys
from chatorical.logs import logging_config
logging_config(level="INFO", pretty=sys.argv[1] == "pretty")
import logging
import psycopg
import structlog

with psycopg.connect(sys.argv[2]) as connection:
    try:
        try:
            detail = "DETAIL = E'Failing row contains (my card\\n\\nis 4111-1111)'"
            connection.execute(f"DO $$ BEGIN RAISE 'row refused' USING {detail}; END $$")
        except psycopg.Error as error:
            raise ValueError("GET https://a.example/bot1:AA-secret/x?q=looked-for") from error
    except ValueError as error:
        structlog.get_logger("x").exception("crashed")
        structlog.get_logger("x").error("kept", error=str(error.__cause__))
        logging.getLogger("celery").error("Task raised: %r", error.__cause__, exc_info=True)
"""


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_an_exception_quotes_no_row_no_token_and_no_query(stage: Stage, form: str) -> None:
    database = stage.product.environment["DATABASE_URL"]
    shown = subprocess.run(
        [sys.executable, "-c", _CRASHES, form, database], capture_output=True, text=True
    ).stderr
    assert shown.count("row refused") == 4, shown
    assert shown.count("/bot[hidden]/x?[hidden]") == 2
    for secret in ("4111-1111", "my card", "AA-secret", "looked-for"):
        assert secret not in shown
