"""What the logs never say, whoever writes the line."""

import requests

from tests import customer
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET, Stage


def test_tokens_secrets_and_texts_stay_out_of_the_web_log(stage: Stage) -> None:
    process, web = stage.product.web()
    visitor = customer.arrive(web, name="Mara")
    socket = visitor.socket()
    socket.say("my card number is 4111")
    socket.next_where(direction="INBOUND")
    requests.post(
        f"{web}/v1/telegram/webhook/{WEBHOOK_SECRET}",
        json={"update_id": 7_000_001},
        headers={"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET},
        timeout=30,
    )
    socket.close()
    process.wait_for_log("telegram_webhook")
    process.stop()

    log = "".join(process.log)
    assert "/v1/ws?token=[hidden]" in log
    for secret in (visitor.token, WEBHOOK_SECRET, HEADER_SECRET, "4111"):
        assert secret not in log
    assert '"request_id"' in log
