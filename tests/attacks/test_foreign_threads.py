"""A tenant's webhook speaks of a topic that is another tenant's."""

import itertools
from uuid import uuid4

import pytest
import requests

from channels_telegram import services
from channels_telegram.services import ChannelConfig
from channels_telegram.tests.cases import open_case
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tests.cast import tenant_called
from tests.conftest import Stage

OUR_CHAT = -1007770001


@pytest.mark.usefixtures("committed_db")
def test_another_tenants_thread_is_out_of_reach(stage: Stage) -> None:
    case = open_case(stage)
    tenant = tenant_called(f"threads-{uuid4().hex[:8]}")
    with tenant_scope(tenant.pk) as scoped:
        config = ChannelConfig(
            bot_token="777000111:AAforeignforeignforeignforeignfore",
            chat_id=OUR_CHAT,
            webhook_secret=f"hook-{uuid4().hex}",
            header_secret="ours",
        )
        services.configure_channel(tenant=scoped, config=config, actor=SYSTEM)

    numbers = itertools.count(1)
    eve = {"id": 9009, "is_bot": False, "first_name": "Eve"}
    for chat_id in (OUR_CHAT, stage.group.chat_id):
        chat = {"id": chat_id, "type": "supergroup", "is_forum": True, "title": "Ours"}
        message = {
            "message_id": 5,
            "date": 1_700_000_000,
            "chat": chat,
            "from": eve,
            "message_thread_id": case.thread_id,
            "is_topic_message": True,
        }
        updates = [
            {"message": {**message, "text": text}} for text in ("/claim", "hello", "/close")
        ] + [
            {
                "callback_query": {
                    "id": "1",
                    "from": eve,
                    "chat_instance": "1",
                    "data": f"{verb}:{case.customer.conversation_id}",
                    "message": {**message, "text": "controls"},
                }
            }
            for verb in ("claim", "close")
        ]
        for update in updates:
            answer = requests.post(
                f"{stage.web}/v1/telegram/webhook/{config.webhook_secret}",
                json={"update_id": next(numbers), **update},
                headers={"X-Telegram-Bot-Api-Secret-Token": "ours"},
                timeout=30,
            )
            assert answer.status_code == 200, answer.text
    assert case.status == "OPEN_UNCLAIMED"
    assert case.history() == [case.first_line]
