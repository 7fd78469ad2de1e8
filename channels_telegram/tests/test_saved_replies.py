"""Agents send what they often answer by its name."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels_telegram import texts
from channels_telegram.tests.cases import new_agent, open_case
from channels_telegram.tests.hook import deliver, message_update
from conversations import selectors as conversations
from conversations.services import close_conversation, register_agent
from templates_i18n import services
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import setting
from tests.conftest import Stage
from tests.locks import until_it_waits_for_us


@contextmanager
def saved_reply(default_tenant: Tenant, text: str) -> Iterator[str]:
    """A reply in the default language for a while, by its name."""
    name = f"reply-{uuid4().hex[:8]}"
    about: dict[str, Any] = {"name": name, "locale": "default", "actor": SYSTEM}
    with tenant_scope(default_tenant.pk) as tenant:
        services.set_saved_reply(tenant=tenant, text=text, **about)
    yield name
    with tenant_scope(default_tenant.pk) as tenant:
        services.delete_saved_reply(tenant=tenant, **about)


@pytest.fixture
def hours(stage: Stage, default_tenant: Tenant) -> Iterator[str]:
    """A reply in two languages, by its name."""
    name = f"hours-{uuid4().hex[:8]}"
    saved = {
        "default": "Hello {customer_name}, we open at nine. {agent_name}",
        "lv": "Sveiki, {customer_name}! Strādājam no deviņiem.",
    }
    with tenant_scope(default_tenant.pk) as tenant:
        for locale, text in saved.items():
            services.set_saved_reply(
                tenant=tenant, name=name, locale=locale, text=text, actor=SYSTEM
            )
    yield name
    with tenant_scope(default_tenant.pk) as tenant:
        for locale in saved:
            services.delete_saved_reply(tenant=tenant, name=name, locale=locale, actor=SYSTEM)


def test_a_saved_reply_is_sent_with_its_variables(stage: Stage, hours: str) -> None:
    case = open_case(stage, name="Mara")
    case.claim()
    socket = case.customer.socket()
    case.write("Ana", f"/r {hours.upper()} ")
    frame = socket.next_where(direction="OUTBOUND")
    assert frame["text"] == "Hello Mara, we open at nine. Support"
    # Colleagues see what was said.
    case.told("Sent: Hello Mara, we open at nine.")
    assert case.status == "AWAITING_CUSTOMER"


def test_it_speaks_the_customers_language(stage: Stage, hours: str) -> None:
    case = open_case(stage, name="Zane")
    answer = case.customer.call("PATCH", "locale", json={"locale": "lv-LV"})
    assert answer.status_code == 200
    case.claim()
    case.write("Ana", f"/r {hours}")
    case.told("Sent: Sveiki, Zane!")
    assert case.history()[-1] == "Sveiki, Zane! Strādājam no deviņiem."


def test_names_are_listed_and_unknown_ones_send_nothing(stage: Stage, hours: str) -> None:
    case = open_case(stage)
    case.claim()
    case.write("Ana", "/r")
    case.told(hours)
    case.write("Ana", "/r nothing-like-it")
    case.told(texts.NO_SAVED_REPLY)
    assert case.history() == [case.first_line]


def test_it_is_an_answer_like_any_other(stage: Stage, hours: str, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.write("Ana", f"/r {hours}")
    case.told(texts.NOT_CLAIMED)
    case.claim("Ana")
    with setting(default_tenant, "replies.from", "claimer"):
        case.write("Greg", f"/r {hours}")
        case.told("Ana has this conversation, and only their words")
    assert case.history() == [case.first_line]


def test_names_may_make_it_too_long(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage, name="Maximiliana Wilhelmine")
    case.claim()
    with saved_reply(default_tenant, "{customer_name} " * 187) as name:
        case.write("Ana", f"/r {name}")
        case.told(texts.SAVED_REPLY_TOO_LONG)
    assert case.history() == [case.first_line]


def test_a_reply_of_which_nothing_is_left_is_not_sent(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    case.claim()
    with saved_reply(default_tenant, "{customer_name}") as name:
        case.write("Ana", f"/r {name}")
        case.told(texts.SAVED_REPLY_EMPTY)
    assert case.history() == [case.first_line]


def test_it_names_whom_the_customer_sees(stage: Stage, default_tenant: Tenant) -> None:
    case = open_case(stage)
    # Two that no other test has given a name.
    mira, noname = new_agent(stage, "Mira"), new_agent(stage, "Noname")
    with tenant_scope(default_tenant.pk) as tenant:
        register_agent(
            tenant=tenant, channel_user_id=str(mira), display_name="Mira B.", actor=SYSTEM
        )
    case.claim(mira)
    with saved_reply(default_tenant, "Yours, {agent_name}") as name:
        case.write(noname, f"/r {name}")
        case.told("Sent: Yours, Mira B.")
    assert case.customer.history()["messages"][-1]["agent"] == "Mira B."


@pytest.mark.parametrize("is_saved", [True, False])
def test_what_is_closed_in_the_same_moment_is_said(
    stage: Stage, hours: str, default_tenant: Tenant, is_saved: bool
) -> None:
    case = open_case(stage)
    case.claim("Ana")
    said = f"/r {hours}" if is_saved else "We open at nine."
    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(default_tenant.pk) as tenant:
            id_ = UUID(case.customer.conversation_id)
            conversations.lock_conversation(tenant=tenant, conversation_id=id_)
            update = message_update(stage, case.thread_id, said)
            answered = pool.submit(deliver, stage, update)
            until_it_waits_for_us()
            close_conversation(tenant=tenant, conversation_id=id_, actor=SYSTEM)
        assert answered.result().status_code == 200
    case.told(texts.NOT_OPEN)
    assert "at nine" not in str(case.history())


def test_a_long_list_fits_in_a_post() -> None:
    listed = texts.saved_replies([f"{'x' * 28}{number:04}" for number in range(500)])
    assert len(listed) < texts.MAX_POST
    assert listed.startswith("Saved replies: x")
    assert "more." in listed
    assert texts.saved_replies([]) == texts.NO_SAVED_REPLIES
