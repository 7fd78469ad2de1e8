"""Under which name customers see an answer, and whose words are no answer at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import Case, new_agent, open_case
from channels_telegram.updates import ANONYMOUS_ADMIN_ID
from conversations import selectors, services
from conversations.api.tenant_v2.message_answers import MessageJson
from conversations.models import Agent
from kernel.errors import InvalidParameter
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import delete_template, set_template
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import setting
from tests.conftest import Stage


def register(tenant: Tenant, user_id: int, name: str, *, is_enabled: bool = True) -> None:
    with tenant_scope(tenant.pk) as scoped:
        agent = services.register_agent(
            tenant=scoped, channel_user_id=str(user_id), display_name=name, actor=SYSTEM
        )
        if not is_enabled:
            services.set_agent_enabled(tenant=scoped, agent=agent, is_enabled=False, actor=SYSTEM)


@contextmanager
def own_text(tenant: Tenant, key: TemplateKey, text: str) -> Iterator[None]:
    """The tenant says this for a while."""
    with tenant_scope(tenant.pk) as scoped:
        template = BUILT_IN[key].with_text(text)
        set_template(tenant=scoped, locale="default", template=template, actor=SYSTEM)
    try:
        yield
    finally:
        with tenant_scope(tenant.pk) as scoped:
            delete_template(tenant=scoped, key=key, locale="default", actor=SYSTEM)


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


def test_an_anonymous_admins_words_are_never_a_colleagues(
    stage: Stage, default_tenant: Tenant
) -> None:
    mira = new_agent(stage, "Mira")
    register(default_tenant, mira, "Mira")
    case = open_case(stage)
    case.claim(mira)
    socket = case.customer.socket()
    written = case.write("Ana", "Hello", anonymous=True)
    assert socket.next_where(direction="OUTBOUND")["agent"] == "Support"
    stage.group.edit("Ana", written.message_id, "Hello there")
    case.settled()
    with tenant_scope(default_tenant.pk) as scoped:
        conversation = selectors.get_conversation(
            tenant=scoped, conversation_id=UUID(case.customer.conversation_id)
        )
        [stored] = selectors.list_messages(tenant=scoped, conversation=conversation, after=1)
        assert MessageJson.of(scoped, stored).agent_name == "Support"
    last = case.customer.history()["messages"][-1]
    assert (last["text"], last["agent"]) == ("Hello there", "Support")
    # A colleague without a name speaks for who has it; when that is nobody known, for nobody.
    case.write("Ana", "/claim", anonymous=True)
    taken = case.told("Mira has this conversation.", button="Take over")
    assert taken
    case.write("Ana", "/close", anonymous=True)
    assert socket.next_where(direction="OUTBOUND")["agent"] == "Support"


def test_a_name_registered_for_all_anonymous_admins_is_not_shown(
    stage: Stage, default_tenant: Tenant
) -> None:
    case = open_case(stage)
    case.write("Ana", "/claim", anonymous=True)
    case.told("has claimed")
    with tenant_scope(default_tenant.pk) as scoped:
        # As an earlier version let an admin do.
        shared = Agent.objects.filter(tenant=scoped, channel_user_id=str(ANONYMOUS_ADMIN_ID))
        shared.update(display_name="Mira")
    socket = case.customer.socket()
    case.write("Ana", "Hello", anonymous=True)
    assert socket.next_where(direction="OUTBOUND")["agent"] == "Support"
    case.write("Ana", "/myname", anonymous=True)
    case.told("Customers see you as Support, like every anonymous admin.")
    case.write("Ana", "/myid", anonymous=True)
    case.told("Telegram hides the id of anonymous admins.")
    with pytest.raises(InvalidParameter, match="every anonymous admin"):
        register(default_tenant, ANONYMOUS_ADMIN_ID, "Greg")
    register(default_tenant, ANONYMOUS_ADMIN_ID, "")


@pytest.mark.parametrize(
    ("closer", "agent"),
    [("mira", "Mira"), ("greg", "Ana"), ("anonymous", "Support"), ("menu", "Mira")],
)
def test_the_closing_text_carries_the_name_of_who_closes(
    stage: Stage, default_tenant: Tenant, closer: str, agent: str
) -> None:
    ana, mira, greg = (new_agent(stage, name) for name in ("Ana", "Mira", "Greg"))
    register(default_tenant, ana, "Ana")
    register(default_tenant, mira, "Mira")
    case = open_case(stage)
    case.claim(ana)
    socket = case.customer.socket()
    with own_text(default_tenant, TemplateKey.CLOSING, "{agent_name} says goodbye."):
        if closer == "menu":
            stage.group.close_topic(mira, case.thread_id)
        elif closer == "anonymous":
            case.write(mira, "/close", anonymous=True)
        else:
            case.write({"mira": mira, "greg": greg}[closer], "/close")
        farewell = socket.next_where(direction="OUTBOUND")
    assert (farewell["agent"], farewell["text"]) == (agent, f"{agent} says goodbye.")
    stored = case.customer.history()["messages"][-1]
    assert (stored["agent"], stored["text"]) == (farewell["agent"], farewell["text"])


def test_a_tenant_may_refuse_anonymous_admins(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim("Ana")
    with setting(default_tenant, "telegram.allowAnonymousAdmins", False):
        case.write("Ana", "SECRET", anonymous=True)
        case.told(texts.ANONYMOUS_NOT_ALLOWED)
        case.write("Ana", "/close", anonymous=True)
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
    # Once for all of them: a made-up channel of a bot, and an agent's own.
    case.told(texts.WRITTEN_AS_CHANNEL)
    said = [text for text in case.texts() if text != "as a channel"]
    assert said == [*before, texts.WRITTEN_AS_CHANNEL]
