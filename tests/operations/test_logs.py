"""What the logs never say, whoever writes the line."""

import subprocess
import sys
from uuid import uuid4

import requests

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
    process.wait_for_log("telegram_webhook")
    process.stop()

    log = "".join(process.log)
    assert "/v1/ws?token=[hidden]" in log
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
