"""Conversations and agents in the console."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from conversations import searching, services
from conversations.admin.chat import PAGE
from conversations.models import Agent, Conversation, Message, Status
from conversations.services.messaging import add_system_message
from tenants.audit import SYSTEM
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import add_member, create_tenant
from tests.cast import tenant_called
from tests.staff import audited, console_of, start_conversation, words

LIST = "admin:conversations_conversation_changelist"


def page_of(conversation: Conversation) -> str:
    """Where its chat is."""
    return reverse("admin:conversations_conversation_change", args=[conversation.pk])


def action(conversation: Conversation, name: str) -> str:
    """Where an action's question is asked and answered."""
    return page_of(conversation).replace("/change/", f"/{name}/")


def status_of(conversation: Conversation) -> str:
    """What the database says now."""
    with tenant_scope(conversation.tenant_id):
        return Conversation.objects.get(pk=conversation.pk).status


def found(console: Client, **query: str) -> set[str]:
    """The names of the customers that a list shows."""
    rows = console.get(reverse(LIST), query).context["cl"].result_list
    return {row.customer_name for row in rows}


def claimed_by_ana(conversation: Conversation) -> Agent:
    """Ana has it and has answered."""
    with tenant_scope(conversation.tenant_id) as tenant:
        ana = services.register_agent(
            tenant=tenant, channel_user_id="1001", display_name="Ana", actor=SYSTEM
        )
        services.claim_conversation(tenant=tenant, conversation_id=conversation.pk, agent=ana)
        services.add_agent_reply(
            tenant=tenant, conversation_id=conversation.pk, agent=ana, text="Under your desk."
        )
        return ana


def test_what_was_taken_back_leaves_its_place(console: Client, conversation: Conversation) -> None:
    claimed_by_ana(conversation)
    with tenant_scope(conversation.tenant_id) as tenant:
        said = Message.objects.get(conversation=conversation, text="Under your desk.")
        services.delete_agent_reply(
            tenant=tenant, conversation_id=conversation.pk, message_id=said.pk, actor=SYSTEM
        )
    shown = words(console.get(page_of(conversation)))
    assert "Deleted at" in shown and "Message deleted by" in shown
    assert "Under your desk." not in shown


def test_a_ban_blocks_and_is_lifted_by_reopening(
    console: Client, conversation: Conversation
) -> None:
    assert "cannot begin another conversation" in words(console.get(action(conversation, "ban")))
    with tenant_scope(conversation.tenant_id):
        Conversation.objects.filter(pk=conversation.pk).update(network_mark="a mark")
    console.post(action(conversation, "ban"))
    assert status_of(conversation) == Status.BLOCKED
    shown = words(console.get(page_of(conversation)))
    assert "Banned until" in shown and "Banned by" in shown
    console.post(action(conversation, "reopen"))
    assert status_of(conversation) == Status.OPEN_UNCLAIMED
    assert "Banned until" not in words(console.get(page_of(conversation)))


def test_a_question_is_asked_first(console: Client, conversation: Conversation) -> None:
    asked = words(console.get(action(conversation, "close")))
    assert "Close the conversation?" in asked
    assert "writing again reopens it" in asked
    assert status_of(conversation) == Status.OPEN_UNCLAIMED


@pytest.mark.parametrize(
    ("name", "audit_action", "status"),
    [
        ("close", "conversation.closed", Status.CLOSED),
        ("block", "conversation.blocked", Status.BLOCKED),
    ],
)
def test_staff_close_and_block(
    console: Client,
    staff: User,
    conversation: Conversation,
    name: str,
    audit_action: str,
    status: Status,
) -> None:
    answer = console.post(action(conversation, name), follow=True)
    assert status_of(conversation) == status
    assert str(status.label) in words(answer)
    assert [entry.object_id for entry in audited(audit_action, by=staff)] == [str(conversation.pk)]
    assert "staff@chatorical.example (staff)" in words(answer)


def test_reopening_lifts_a_block(console: Client, staff: User, conversation: Conversation) -> None:
    console.post(action(conversation, "block"))
    console.post(action(conversation, "reopen"))
    assert status_of(conversation) == Status.OPEN_UNCLAIMED
    assert len(audited("conversation.reopened", by=staff)) == 1


def test_only_what_fits_is_offered(console: Client, conversation: Conversation) -> None:
    def offered() -> set[str]:
        html = console.get(page_of(conversation)).content.decode()
        return {name for name in ("close", "block", "reopen") if f"/{name}/" in html}

    assert offered() == {"close", "block"}
    console.post(action(conversation, "close"))
    assert offered() == {"reopen", "block"}
    console.post(action(conversation, "block"))
    assert offered() == {"reopen"}


def test_doing_what_is_done_already_says_so(console: Client, conversation: Conversation) -> None:
    console.post(action(conversation, "close"))
    answer = console.post(action(conversation, "close"), follow=True)
    assert "Nothing has changed" in words(answer)


def test_several_are_closed_after_one_question(
    console: Client, staff: User, workspace: Tenant
) -> None:
    chosen = [start_conversation(workspace, name=n, text="Hi") for n in ("Peter", "Samir")]
    other = start_conversation(workspace, name="Michael", text="Hi")
    form = {
        "action": "close_selected",
        "_selected_action": [str(conversation.pk) for conversation in chosen],
    }
    asked = console.post(reverse(LIST), form)
    assert "Close the conversation?" in words(asked)
    assert all(conversation.title in words(asked) for conversation in chosen)
    assert {status_of(c) for c in chosen} == {Status.OPEN_UNCLAIMED}
    answer = console.post(reverse(LIST), {**form, "confirmed": "1"}, follow=True)
    assert "Closed: 2." in words(answer)
    assert {status_of(c) for c in chosen} == {Status.CLOSED}
    assert status_of(other) == Status.OPEN_UNCLAIMED
    assert len(audited("conversation.closed", by=staff)) == 2


def test_the_list_finds_by_state_name_codename_and_id(
    console: Client, workspace: Tenant, conversation: Conversation
) -> None:
    peter = start_conversation(workspace, name="Peter", text="Hi")
    claimed_by_ana(peter)
    assert found(console) == {"Milton", "Peter"}
    assert found(console, state="waiting") == {"Milton"}
    assert found(console, state="open") == {"Milton", "Peter"}
    assert found(console, state="closed") == set()
    assert found(console, state="awaiting_customer") == {"Peter"}
    assert found(console, q="pete") == {"Peter"}
    assert found(console, q="eter") == set()
    assert found(console, q=peter.codename) == {"Peter"}
    assert found(console, q=str(peter.pk)[:13].upper()) == {"Peter"}
    assert found(console, q=peter.pk.hex) == {"Peter"}
    assert found(console, tenant__id__exact=str(workspace.pk)) == {"Milton", "Peter"}


def test_the_newest_activity_comes_first(console: Client, workspace: Tenant) -> None:
    first = start_conversation(workspace, name="First", text="Hi")
    start_conversation(workspace, name="Second", text="Hi")
    with tenant_scope(workspace.pk) as tenant:
        services.add_customer_message(tenant=tenant, conversation_id=first.pk, text="Hello?")
    rows = console.get(reverse(LIST)).context["cl"].result_list
    assert [row.customer_name for row in rows] == ["First", "Second"]


def test_an_empty_list_says_what_comes_next(console: Client) -> None:
    assert "They appear here as soon as a customer writes" in words(console.get(reverse(LIST)))
    nothing = words(console.get(reverse(LIST), {"q": "nobody"}))
    assert "Nothing matches" in nothing


def test_a_conversation_reads_like_a_chat(console: Client, conversation: Conversation) -> None:
    claimed_by_ana(conversation)
    with tenant_scope(conversation.tenant_id) as tenant:
        locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
        add_system_message(
            tenant=tenant, conversation=locked, key="welcome_message", text="Welcome to Initech."
        )
        services.change_note(
            tenant=tenant, conversation_id=conversation.pk, note="Likes red.", actor=SYSTEM
        )
    response = console.get(page_of(conversation))
    sides = [
        (turn.side, turn.author, [message.text for message in turn.messages])
        for day in response.context["chat"].days
        for turn in day.turns
    ]
    assert sides == [
        ("customer", "Milton", ["Where is my stapler?"]),
        ("agent", "Ana", ["Under your desk."]),
        ("system", "Welcome", ["Welcome to Initech."]),
    ]
    shown = words(response)
    for expected in ("Private note Likes red.", "Claimed by Ana (agent)", "Agent Ana"):
        assert expected in shown


def test_long_conversations_come_in_pages(console: Client, conversation: Conversation) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        for number in range(2, PAGE + 12):
            services.add_customer_message(
                tenant=tenant, conversation_id=conversation.pk, text=f"message {number}"
            )
        assert Message.objects.count() == PAGE + 11
    newest = console.get(page_of(conversation))
    assert newest.context["chat"].earlier_than == 12
    earlier = console.get(page_of(conversation), {"before": "12"})
    shown = words(earlier)
    assert "Where is my stapler?" in shown
    assert "message 12" not in shown
    assert console.get(page_of(conversation), {"before": "nonsense"}).status_code == 200


def test_an_agent_gets_a_name_and_loses_it(console: Client, staff: User, workspace: Tenant) -> None:
    form = {
        "tenant": str(workspace.pk),
        "channel_user_id": "4711",
        "display_name": " Ana ",
        "is_enabled": "on",
    }
    assert console.post(reverse("admin:conversations_agent_add"), form).status_code == 302
    with tenant_scope(workspace.pk):
        agent = Agent.objects.get(channel_user_id="4711")
    assert (agent.public_name, len(audited("agent.registered", by=staff))) == ("Ana", 1)
    page = reverse("admin:conversations_agent_change", args=[agent.pk])
    console.post(page, {"display_name": "Ana"})
    with tenant_scope(workspace.pk):
        agent.refresh_from_db()
    assert (agent.display_name, agent.public_name) == ("Ana", "")
    assert len(audited("agent.disabled", by=staff)) == 1
    assert len(audited("agent.registered", by=staff)) == 1
    again = console.post(reverse("admin:conversations_agent_add"), form)
    assert "already exists" in words(again)


def test_a_legal_hold_is_placed_with_a_reason_and_lifted(
    console: Client, staff: User, conversation: Conversation
) -> None:
    asked = console.get(action(conversation, "legal-hold")).content.decode()
    assert 'name="answer" required maxlength="200"' in asked
    refused = words(console.post(action(conversation, "legal-hold"), {"answer": " "}, follow=True))
    assert "Give a reason of 1 to 200 characters." in refused
    held = console.post(action(conversation, "legal-hold"), {"answer": "Case <7>"}, follow=True)
    assert "on legal hold" in words(held)
    assert "Case &lt;7&gt;" in held.content.decode()
    assert "/lift-legal-hold/" in held.content.decode()
    (entry,) = audited("conversation.legal_hold_placed", by=staff)
    assert entry.changes == {"reason": "Case <7>"}
    assert found(console, state="legal_hold") == {conversation.customer_name}
    free = words(console.post(action(conversation, "lift-legal-hold"), follow=True))
    assert "The legal hold is lifted." in free
    assert found(console, state="legal_hold") == set()
    assert len(audited("conversation.legal_hold_lifted", by=staff)) == 1


@pytest.mark.parametrize(
    ("role", "may"),
    [(Member.Role.AGENT, False), (Member.Role.ADMIN, True), (Member.Role.OWNER, True)],
)
def test_agents_place_holds_and_do_not_lift_them(
    workspace: Tenant, conversation: Conversation, role: Member.Role, may: bool
) -> None:
    browser = console_of(workspace, role)
    held = browser.post(action(conversation, "legal-hold"), {"answer": "Case 7"}, follow=True)
    assert "on legal hold" in words(held)
    assert ("/lift-legal-hold/" in held.content.decode()) is may
    lifted = browser.post(action(conversation, "lift-legal-hold"))
    assert lifted.status_code == (302 if may else 403)
    with tenant_scope(workspace.pk):
        assert Conversation.objects.get(pk=conversation.pk).is_on_legal_hold is not may


def test_the_page_says_when_it_will_be_deleted(console: Client, conversation: Conversation) -> None:
    assert "Deleted after" not in words(console.get(page_of(conversation)))
    console.post(action(conversation, "close"))
    shown = words(console.get(page_of(conversation)))
    assert "Deleted after" in shown
    assert "just now" in shown


# --- leaving ---------------------------------------------------------------------------------


def test_what_was_written_is_found(console: Client, workspace: Tenant) -> None:
    start_conversation(workspace, name="Milton", text="Where is my red Swingline stapler?")
    start_conversation(workspace, name="Peter", text="100% of the TPS_reports, Ēriks")
    for search, names in (
        ("swingline", {"Milton"}),
        ("stapler RED", {"Milton"}),
        ("wingl", {"Milton"}),
        ("100% tps_", {"Peter"}),
        ("red tps", set()),
        ("%", {"Peter"}),
        ("peter", {"Peter"}),
        ("milton", {"Milton"}),
        (r"\\", set()),
    ):
        assert found(console, q=search) == names, search


def test_a_member_finds_nothing_that_was_written_elsewhere(workspace: Tenant) -> None:
    start_conversation(workspace, name="Milton", text="Where is my stapler?")
    other = create_tenant(slug="initrode", name="Initrode", actor=SYSTEM)
    start_conversation(other, name="Michael", text="Another stapler")
    assert found(console_of(workspace, Member.Role.AGENT), q="stapler") == {"Milton"}


def test_only_the_newest_messages_are_read(
    console: Client, workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("First", "Second", "Third"):
        start_conversation(workspace, name=name, text="The same needle")
    with tenant_scope(workspace.pk):
        Message.objects.filter(direction="OUTBOUND").delete()
    monkeypatch.setattr(searching, "NEWEST_MESSAGES", 2)
    assert found(console, q="needle") == {"Second", "Third"}


@pytest.mark.parametrize("role", list(Member.Role))
def test_who_may_read_takes_a_file_along(committed_db: None, role: Member.Role) -> None:
    tenant = tenant_called(f"files-{uuid4().hex[:12]}")
    conversation = start_conversation(tenant, name="Milton", text="Where is my stapler?")
    user = User.objects.create_user(f"{uuid4().hex}@initech.example", is_staff=True)
    with tenant_scope(tenant.pk) as scoped:
        add_member(tenant=scoped, user=user, role=role, actor=SYSTEM)
    browser = Client()
    browser.force_login(user)
    csv = browser.get(action(conversation, "export-csv"))
    assert csv["Content-Type"] == "text/csv; charset=utf-8"
    assert b'"INBOUND","Where is my stapler?"' in csv.content
    file = browser.get(action(conversation, "export-json"))
    written = json.loads(file.content)
    assert written["codename"] == conversation.codename
    assert written["messages"][0]["text"] == "Where is my stapler?"


def test_deleting_is_asked_for_and_typed(
    console: Client, staff: User, conversation: Conversation
) -> None:
    page = action(conversation, "delete-for-good")
    asked = words(console.get(page))
    assert "Nothing of it can be brought back" in asked
    for answer in ({}, {"answer": ""}, {"answer": "yes"}):
        refused = console.post(page, answer)
        assert refused.status_code == 200
        assert status_of(conversation) == Status.OPEN_UNCLAIMED
    assert "what you typed is something else" in words(refused)
    gone = console.post(page, {"answer": " Delete "}, follow=True)
    assert "The conversation is deleted." in words(gone)
    with tenant_scope(conversation.tenant_id):
        assert not Conversation.objects.filter(pk=conversation.pk).exists()
        assert not Message.objects.filter(conversation=conversation.pk).exists()
    [entry] = audited("conversation.deleted", by=staff)
    assert entry.object_id == str(conversation.pk)


def test_several_are_deleted_after_the_word(console: Client, workspace: Tenant) -> None:
    chosen = [start_conversation(workspace, name=n, text="Hi") for n in ("Peter", "Samir")]
    start_conversation(workspace, name="Michael", text="Hi")
    form = {
        "action": "delete_selected_for_good",
        "_selected_action": [str(conversation.pk) for conversation in chosen],
    }
    assert "Delete for good?" in words(console.post(reverse(LIST), form))
    console.post(reverse(LIST), {**form, "confirmed": "1", "answer": "no"})
    assert found(console) == {"Peter", "Samir", "Michael"}
    console.post(reverse(LIST), {**form, "confirmed": "1", "answer": "delete"})
    assert found(console) == {"Michael"}


def test_agents_do_not_delete(workspace: Tenant, conversation: Conversation) -> None:
    agent = console_of(workspace, Member.Role.AGENT)
    page = action(conversation, "delete-for-good")
    assert page not in agent.get(page_of(conversation)).content.decode()
    assert agent.post(page, {"answer": "delete"}).status_code == 403
    form = {"action": "delete_selected_for_good", "_selected_action": [str(conversation.pk)]}
    agent.post(reverse(LIST), {**form, "confirmed": "1", "answer": "delete"})
    assert status_of(conversation) == Status.OPEN_UNCLAIMED


def test_a_legal_hold_keeps_what_was_to_be_deleted(
    console: Client, conversation: Conversation
) -> None:
    with tenant_scope(conversation.tenant_id) as tenant:
        services.place_legal_hold(
            tenant=tenant, conversation_id=conversation.pk, reason="Case 7", actor=SYSTEM
        )
    answer = console.post(
        action(conversation, "delete-for-good"), {"answer": "delete"}, follow=True
    )
    assert "legal hold" in words(answer)
    assert status_of(conversation) == Status.OPEN_UNCLAIMED
