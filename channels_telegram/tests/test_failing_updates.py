"""An update that nobody expected costs itself only, and acts on nothing."""

import pytest
from django.test import Client

from channels_telegram.inbound import dispatch
from channels_telegram.models import InboxUpdate
from channels_telegram.updates import Update
from conversations.models import Agent
from tenants.configuration import default_tenant_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import CHAT_ID, HEADER_SECRET, WEBHOOK_SECRET, Stage


def test_what_a_failing_update_did_is_taken_back_and_it_is_not_tried_again(
    stage: Stage, committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted: list[int] = []

    def do_half_and_crash(tenant: Tenant, channel: object, update: Update) -> None:
        acted.append(update.update_id)
        Agent.objects.create(tenant=tenant, channel_user_id="770001", channel_name="half done")
        raise ZeroDivisionError

    monkeypatch.setattr(dispatch, "_act", do_half_and_crash)
    update = {"update_id": 880_001, "message": {"message_id": 1, "chat": {"id": CHAT_ID}}}
    for _ in range(2):
        answer = Client().post(
            f"/v1/telegram/webhook/{WEBHOOK_SECRET}",
            update,
            content_type="application/json",
            headers={"X-Telegram-Bot-Api-Secret-Token": HEADER_SECRET},
        )
        assert answer.status_code == 200
    assert acted == [880_001]
    with tenant_scope(default_tenant_id()):
        assert not Agent.objects.filter(channel_user_id="770001").exists()
        assert InboxUpdate.objects.get(update_id=880_001).has_failed
