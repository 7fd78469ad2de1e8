"""Under which name customers see an answer, and whose words are no answer at all."""

from typing import Any

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, new_agent, open_case
from conversations import services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import setting
from tests.conftest import Stage


def register(tenant: Tenant, user_id: int, name: str, *, is_enabled: bool = True) -> None:
    with tenant_scope(tenant.pk) as scoped:
        agent = services.register_agent(
            tenant=scoped, channel_user_id=user_id, display_name=name, actor=SYSTEM
        )
        if not is_enabled:
            services.set_agent_enabled(tenant=scoped, agent=agent, is_enabled=False, actor=SYSTEM)


def answer_of(case: Case, who: int | str, text: str) -> dict[str, Any]:
    """What the customer reads of an agent's words."""
    socket = case.customer.socket()
    case.write(who, text)
    frame = socket.next_where(direction="OUTBOUND")
    assert frame["text"] == text
    stored = case.customer.history()["messages"][-1]
    assert stored["agent"] == frame["agent"], "a reload shows another name"
    socket.close()
    return frame


def test_a_registered_agent_is_shown_by_name(stage: Stage, default_tenant: Tenant) -> None:
    mira = new_agent(stage, "M. Kalna", username="secret_mira")
    register(default_tenant, mira, "Mira")
    case = open_case(stage)
    socket = case.customer.socket()
    case.claim(mira)
    assert socket.next_where(type="agent_joined")["agent"] == "Mira"
    assert answer_of(case, mira, "Hello")["agent"] == "Mira"
    case.write(mira, "/myname")
    case.told("Customers see you as Mira.")


def test_a_colleagues_answer_carries_their_own_name(stage: Stage, default_tenant: Tenant) -> None:
    mira, edgar = new_agent(stage, "Mira"), new_agent(stage, "Edgar")
    register(default_tenant, mira, "Mira from Sales")
    register(default_tenant, edgar, "Edgar from Billing")
    case = open_case(stage)
    case.claim(mira)
    assert answer_of(case, edgar, "I can say more")["agent"] == "Edgar from Billing"
    assert case.press(mira, case.controls, "Claim") == texts.CLAIMED_ALREADY_YOURS


def test_an_unregistered_colleague_speaks_for_the_claimer(
    stage: Stage, default_tenant: Tenant
) -> None:
    mira, guest = new_agent(stage, "Mira"), new_agent(stage, "Guest", username="guest")
    register(default_tenant, mira, "Mira")
    case = open_case(stage)
    case.claim(mira)
    assert answer_of(case, guest, "One moment")["agent"] == "Mira"


@pytest.mark.parametrize("first_name", ["Guest", ""])
def test_without_a_registration_the_label_is_shown_and_never_the_username(
    stage: Stage, default_tenant: Tenant, first_name: str
) -> None:
    guest = new_agent(stage, first_name, username="secret_handle")
    case = open_case(stage)
    socket = case.customer.socket()
    with setting(default_tenant, "support.label", "The Pottery"):
        case.claim(guest)
        joined = socket.next_where(type="agent_joined")
        assert joined["agent"] == "The Pottery"
        frame = answer_of(case, guest, "Hello")
        assert frame["agent"] == "The Pottery"
    shown = f"{joined}{frame}{case.customer.history()}"
    assert "secret_handle" not in shown
    assert not first_name or first_name not in shown


def test_a_disabled_agent_may_answer_under_the_label(stage: Stage, default_tenant: Tenant) -> None:
    gone = new_agent(stage, "Gone")
    register(default_tenant, gone, "Gone Girl", is_enabled=False)
    case = open_case(stage)
    socket = case.customer.socket()
    case.claim(gone)
    assert socket.next_where(type="agent_joined")["agent"] == "Support"
    assert answer_of(case, gone, "Hello")["agent"] == "Support"
    case.write(gone, "/myname")
    case.told("Customers see you as Support")


def test_a_later_registration_does_not_rename_what_was_said(
    stage: Stage, default_tenant: Tenant
) -> None:
    late = new_agent(stage, "Late")
    case = open_case(stage)
    case.claim(late)
    answer_of(case, late, "before")
    register(default_tenant, late, "Late Riser")
    answer_of(case, late, "after")
    said = case.customer.history()["messages"][1:]
    assert [message["agent"] for message in said] == ["Support", "Late Riser"]


def test_an_anonymous_admin_answers_under_the_label(stage: Stage) -> None:
    case = open_case(stage)
    case.write("Ana", "/claim", anonymous=True)
    case.told("Anonymous admin has claimed")
    socket = case.customer.socket()
    case.write("Ana", "Hello", anonymous=True)
    assert socket.next_where(direction="OUTBOUND")["agent"] == "Support"


def test_a_tenant_may_refuse_anonymous_admins(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    with setting(default_tenant, "telegram.allowAnonymousAdmins", False):
        case.write("Ana", "SECRET", anonymous=True)
        case.told(texts.ANONYMOUS_NOT_ALLOWED)
        case.write("Ana", "/close", anonymous=True)
        case.told(texts.ANONYMOUS_NOT_ALLOWED, count=2)
        stage.group.write("Ana", "Lunch?", anonymous=True)
        case.settled()
    assert case.history() == [case.first_line]
    assert case.status == "OPEN_ASSIGNED"


def test_bots_channels_and_other_groups_are_ignored(stage: Stage) -> None:
    case = open_case(stage)
    case.claim("Ana")
    before = case.texts()
    own_chat = {"id": stage.group.chat_id, "type": "supergroup", "is_forum": True}
    in_topic = {"message_thread_id": case.thread_id, "is_topic_message": True}
    ana = {"id": 7001, "is_bot": False, "first_name": "Ana"}
    other_bot = {"id": 555, "is_bot": True, "first_name": "Weather", "username": "weather_bot"}
    channel = {"id": -1009, "type": "channel", "title": "News"}
    unwanted: list[dict[str, Any]] = [
        {"chat": own_chat, **in_topic, "from": other_bot},
        {"chat": own_chat, **in_topic, "from": {**other_bot, "id": stage.group.bot_id}},
        {"chat": own_chat, **in_topic, "from": other_bot, "sender_chat": channel},
        {"chat": own_chat, **in_topic, "sender_chat": channel},
        {"chat": own_chat, **in_topic},
        {"chat": own_chat, "message_thread_id": case.thread_id, "from": ana},
        {"chat": own_chat, "from": ana},
        {"chat": own_chat, **in_topic, "message_thread_id": 999_999, "from": ana},
        {"chat": {"id": -1009999999999, "type": "supergroup"}, **in_topic, "from": ana},
        {"chat": {"id": 7001, "type": "private"}, **in_topic, "from": ana},
    ]
    for number, message in enumerate(unwanted):
        for text in ("SECRET", "/close"):
            body = {"message_id": 900_000 + number, "date": 1700000000, "text": text, **message}
            for kind in ("message", "edited_message", "channel_post"):
                stage.simulator.send_update(stage.group.bot_id, kind, body)
    case.write("Ana", "as a channel", as_channel=-1009)
    case.settled()
    assert case.history() == [case.first_line]
    assert case.status == "OPEN_ASSIGNED"
    assert case.texts() == [*before, "as a channel"]
