"""What the product says by itself on a v1 socket, and how it is kept."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk, tenant_called
from tests.conftest import Stage
from tests.customer import Customer, Socket, arrive


@pytest.fixture
def tenant(committed_db: None) -> Iterator[Tenant]:
    """A tenant with texts of nobody else's."""
    yield tenant_called(f"texts-{uuid.uuid4().hex[:12]}")


def write_template(
    tenant: Tenant, key: TemplateKey, text: str, *, locale: str = "default", **delivery: Any
) -> None:
    """Give the tenant its own words, delivered as usual but for what is said here."""
    template = replace(BUILT_IN[key], text=text, enabled=True, **delivery)
    with tenant_scope(tenant.pk) as scoped:
        set_template(tenant=scoped, locale=locale, template=template, actor=SYSTEM)


def history(visitor: Customer) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = visitor.call("GET", "messages").json()["messages"]
    return messages


def say(socket: Socket, text: str) -> None:
    """Write, and read the echo."""
    socket.say(text)
    assert socket.next_message()["text"] == text


def settle(socket: Socket) -> list[dict[str, Any]]:
    """Everything that the socket has been sent so far."""
    socket.say(" ")
    frames: list[dict[str, Any]] = []
    while (frame := socket.next()) != {"error": "message rejected"}:
        frames.append(frame)
    return frames


def test_whoever_writes_unclaimed_is_asked_to_wait_each_time(stage: Stage, tenant: Tenant) -> None:
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket, elsewhere = visitor.socket(), visitor.socket(stage.second_web)
    for number in range(3):
        say(socket, f"{number}")
        note = socket.next()
        assert (note["type"], note["key"]) == ("info_note", "waiting_for_agent")
        assert set(note) == {"type", "key", "text"}
        assert elsewhere.next_message()["text"] == f"{number}"
        assert elsewhere.next() == note
    assert [message["direction"] for message in history(visitor)] == ["INBOUND"] * 3


def test_the_waiting_note_ends_with_the_claim(stage: Stage, tenant: Tenant) -> None:
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    assert socket.next()["key"] == "waiting_for_agent"
    Desk(visitor.conversation_id, tenant=tenant).claim()
    assert socket.next() == {"type": "agent_joined", "agent": "Support"}
    say(socket, "Hello again")
    assert settle(socket) == []


def test_a_rate_keeps_the_waiting_note_rare(stage: Stage, tenant: Tenant) -> None:
    write_template(tenant, TemplateKey.WAITING, "Please wait.", rate_limit_seconds=3600)
    visitor, other = (arrive(stage.web, tenant=tenant.slug) for _ in range(2))
    socket, elsewhere = visitor.socket(), other.socket()
    for _ in range(3):
        say(socket, "Hello")
    say(elsewhere, "Hello")
    notes = [frame for frame in settle(socket) if frame.get("key")]
    assert len(notes) <= 1, "the first may have come before the last echo"
    assert elsewhere.next()["text"] == "Please wait.", "each conversation has its own turn"
    say(socket, "and again")
    assert settle(socket) == []


def test_the_waiting_note_is_never_kept(stage: Stage, tenant: Tenant) -> None:
    write_template(tenant, TemplateKey.WAITING, "Please wait.", to_customer_persist=True)
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    assert socket.next() == {
        "type": "info_note",
        "key": "waiting_for_agent",
        "text": "Please wait.",
    }
    assert len(history(visitor)) == 1


def test_the_welcome_comes_once_when_the_tenant_has_one(stage: Stage, tenant: Tenant) -> None:
    write_template(tenant, TemplateKey.WELCOME, "Welcome, {customer_name}!")
    visitor = arrive(stage.web, name="Mara", tenant=tenant.slug)
    socket = visitor.socket()
    assert history(visitor) == [], "not before they write"

    say(socket, "Hello")
    welcome = socket.next()
    assert (welcome["direction"], welcome["text"], welcome["seq"]) == (
        "OUTBOUND",
        "Welcome, Mara!",
        2,
    )
    assert welcome["agent"] == "Support"
    note = socket.next()
    assert (note["key"], note["text"]) == ("welcome_message", "Welcome, Mara!")
    assert note["id"] == welcome["id"], "one saying, and clients can tell"
    assert socket.next()["key"] == "waiting_for_agent"
    say(socket, "Hello again")
    assert [frame.get("key") for frame in settle(socket)] == ["waiting_for_agent"]
    assert [message["text"] for message in history(visitor)] == [
        "Hello",
        "Welcome, Mara!",
        "Hello again",
    ]


def test_without_a_text_there_is_no_welcome(stage: Stage, tenant: Tenant) -> None:
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    assert [frame["key"] for frame in settle(socket)] == ["waiting_for_agent"]


def test_a_disabled_message_is_not_said(stage: Stage, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk) as scoped:
        template = replace(BUILT_IN[TemplateKey.WAITING], enabled=False)
        set_template(tenant=scoped, locale="default", template=template, actor=SYSTEM)
    socket = arrive(stage.web, tenant=tenant.slug).socket()
    say(socket, "Hello")
    assert settle(socket) == []


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("lv-LV", "Lūdzu, uzgaidiet."),
        ("lv", "Lūdzu, uzgaidiet."),
        ("de-AT", "Bitte warten."),
        ("fr", "Please wait."),
        ("default", "Please wait."),
        (None, "Please wait."),
    ],
)
def test_texts_follow_the_customers_language(
    stage: Stage, tenant: Tenant, locale: str | None, expected: str
) -> None:
    write_template(tenant, TemplateKey.WAITING, "Please wait.")
    write_template(tenant, TemplateKey.WAITING, "Lūdzu, uzgaidiet.", locale="lv")
    write_template(tenant, TemplateKey.WAITING, "Bitte warten.", locale="de")
    socket = arrive(stage.web, locale=locale, tenant=tenant.slug).socket()
    say(socket, "Hello")
    assert socket.next()["text"] == expected


def test_a_language_chosen_later_counts_from_then_on(stage: Stage, tenant: Tenant) -> None:
    write_template(tenant, TemplateKey.WAITING, "Lūdzu, uzgaidiet.", locale="lv")
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    assert socket.next()["text"] == BUILT_IN[TemplateKey.WAITING].text
    visitor.call("PATCH", "locale", json={"locale": "lv-LV"})
    say(socket, "Hello")
    assert socket.next()["text"] == "Lūdzu, uzgaidiet."


def test_variables_are_filled_in_once(stage: Stage, tenant: Tenant) -> None:
    write_template(
        tenant,
        TemplateKey.WAITING,
        "{customer_name}|{agent_name}|{codename}|{unknown}|{Customer_Name}|{}|{{codename}}|%s",
    )
    visitor = arrive(stage.web, name="{codename} <b>", tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    codename = visitor.codename
    assert socket.next()["text"] == (
        f"{{codename}} <b>|Support|{codename}|{{unknown}}|{{Customer_Name}}|{{}}|{{{codename}}}|%s"
    )


def test_without_a_name_the_text_reads_as_if_it_had_none(stage: Stage, tenant: Tenant) -> None:
    write_template(tenant, TemplateKey.WELCOME, "{customer_name}!")
    write_template(tenant, TemplateKey.WAITING, "Hello {customer_name}, one moment.")
    write_template(tenant, TemplateKey.CLOSING, "Goodbye, {customer_name}!")
    write_template(tenant, TemplateKey.CLOSED_HISTORY, "{customer_name}, write again.")
    visitor = arrive(stage.web, tenant=tenant.slug)
    socket = visitor.socket()
    say(socket, "Hello")
    # Nothing is left of the welcome: it is not said.
    assert [frame["text"] for frame in settle(socket)] == ["Hello, one moment."]
    Desk(visitor.conversation_id, tenant=tenant).close()
    assert socket.next()["text"] == "Goodbye!"
    answer = visitor.call("GET", "messages").json()
    assert answer["closed_note"] == "Write again."
    assert visitor.codename not in str(answer)
