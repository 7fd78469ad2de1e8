"""The figures of /metrics tell the story that has happened, over all processes."""

from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.conf import settings

from tests import customer
from tests.conftest import HEADER_SECRET, WEBHOOK_SECRET
from tests.operations.conftest import Observed, figures_of
from tests.processes import Product

pytestmark = pytest.mark.xdist_group("observed")


def test_a_story_is_counted(observed: Observed) -> None:
    stage = observed.stage
    before = observed.figures()

    def grown(name: str) -> float:
        return observed.figures().get(name, 0.0) - before.get(name, 0.0)

    visitor = customer.arrive(observed.web, name="Mara")
    socket = visitor.socket()
    assert observed.figures()['chatorical_sockets{tenant="default"}'] == 1
    visitor.send("Do you ship to Riga?")
    topic = stage.group.wait_for_topic(f"Mara — {visitor.codename}")
    controls = stage.group.wait_for_message(thread_id=topic.thread_id, button="Claim")
    stage.group.wait_for_answer(stage.group.press("Ana", controls.message_id, "Claim"))
    stage.group.write("Ana", "Yes, within two days.", topic.thread_id)
    socket.next_where(direction="OUTBOUND", text="Yes, within two days.")
    stage.group.write("Ana", "And to Tartu.", topic.thread_id)
    socket.next_where(direction="OUTBOUND", text="And to Tartu.")
    socket.say("Thank you")
    socket.next_where(direction="INBOUND", text="Thank you")
    stage.group.wait_for_message("Mara: Thank you", topic.thread_id)

    # Refused: one rename too many, and a webhook call by somebody who does not know the secret.
    names = [
        visitor.call("PATCH", "name", json={"name": name}) for name in ("Ann", "Bea", "Cat", "Dot")
    ]
    assert [answer.status_code for answer in names] == [200, 200, 200, 429]
    refused = requests.post(
        f"{observed.web}/v1/telegram/webhook/{WEBHOOK_SECRET}",
        json={"update_id": 1},
        headers={"X-Telegram-Bot-Api-Secret-Token": "a guess"},
        timeout=30,
    )
    assert refused.status_code == 401

    # Telegram asks for patience once.
    stage.simulator.add_fault("flood", method="sendMessage", retry_after=2)
    visitor.send("One more thing")
    stage.group.wait_for_message("Cat: One more thing", topic.thread_id)
    kept = 'chatorical_telegram_calls_total{method="sendMessage",outcome="FloodWait"}'
    observed.wait_for_figure(kept, before.get(kept, 0) + 1)

    assert grown('chatorical_messages_total{direction="INBOUND"}') == 3
    assert grown('chatorical_messages_total{direction="OUTBOUND"}') >= 2
    assert grown('chatorical_socket_frames_total{outcome="stored",tenant="default"}') == 1
    assert grown('chatorical_socket_frames_sent_total{tenant="default"}') >= 5
    assert grown('chatorical_rate_limited_total{bucket="rename"}') == 1
    assert grown('chatorical_telegram_webhooks_total{outcome="unauthorized"}') == 1
    assert grown('chatorical_telegram_webhooks_total{outcome="acted"}') >= 3
    assert grown("chatorical_telegram_webhook_seconds_count") >= 4
    assert grown("chatorical_telegram_retry_after_seconds_total") == 2
    assert grown('chatorical_telegram_calls_total{method="createForumTopic",outcome="ok"}') == 1
    assert grown("chatorical_claim_seconds_count") == 1
    assert grown("chatorical_first_response_seconds_count") == 1, "the first one only"
    assert grown('chatorical_tenant_requests_total{status_class="2xx",tenant="default"}') >= 6
    assert grown('chatorical_tenant_requests_total{status_class="4xx",tenant="default"}') == 2

    figures = observed.figures()
    # Under the names that the first version had.
    assert figures["ws_connections"] == figures['chatorical_sockets{tenant="default"}']
    assert grown("ws_outbound_messages") == grown(
        'chatorical_socket_frames_sent_total{tenant="default"}'
    )
    assert grown("telegram_errors_total") >= 1
    assert {"support_open", "support_closed", "support_blocked"} <= set(figures)

    exposed = "\n".join(figures)
    for secret in (visitor.conversation_id, visitor.token, WEBHOOK_SECRET, HEADER_SECRET):
        assert secret not in exposed


def test_open_sockets_are_those_of_the_living(observed: Observed) -> None:
    open_now = 'chatorical_sockets{tenant="default"}'
    before = observed.figures().get(open_now, 0)
    process, other_web = observed.stage.product.web()
    visitor = customer.arrive(observed.web)
    visitor.socket()
    visitor.socket(other_web)
    assert observed.figures()[open_now] == before + 2
    process.kill()
    assert observed.figures()[open_now] == before + 1


def test_words_of_callers_do_not_become_series(observed: Observed) -> None:
    before = observed.figures()
    for method in ("BREW", "WHEN"):
        requests.request(method, f"{observed.web}/v1/conversations/start", timeout=30)
    requests.post(f"{observed.web}/v1/conversations/start?t=nobody-here", timeout=30)
    after = observed.figures()
    assert not [name for name in after if "BREW" in name or "nobody-here" in name]
    unknown = 'chatorical_tenant_requests_total{status_class="4xx",tenant="-"}'
    assert after[unknown] >= before.get(unknown, 0) + 1


def test_the_least_busy_tenants_share_their_series(observed: Observed, tmp_path: Path) -> None:
    """Of four tenants one has a series of its own; another process and a later one agree."""
    slugs = [f"shop-{uuid4().hex[:12]}" for _ in range(4)]
    for slug in slugs:
        requests.post(
            f"{observed.web}/v2/platform/tenants",
            json={"slug": slug, "name": "Shop"},
            headers={"X-Internal-Auth": settings.SERVICE_TOKEN},
            timeout=30,
        ).raise_for_status()
    bounded = {"METRICS_TENANTS": "2", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    with Product({**observed.stage.product.environment, **bounded}) as product:
        first, web = product.web()
        for slug in slugs:
            customer.arrive(web, tenant=slug).socket()
        requests.get(f"{web}/admin/login/", timeout=30)
        first.kill()
        web = product.web()[1]
        for slug in reversed(slugs):
            customer.arrive(web, tenant=slug).socket()
        figures = figures_of(web)
    starts = 'chatorical_tenant_requests_total{status_class="2xx",tenant="%s"}'
    assert figures[starts % slugs[0]] == 2
    assert figures[starts % "other"] == 6
    assert figures['chatorical_sockets{tenant="other"}'] == 3
    assert not [name for name in figures for slug in slugs[1:] if slug in name]
    # Requests are counted by surface; nobody reads them by view.
    assert not [name for name in figures if "by_view" in name or "templatename" in name]
