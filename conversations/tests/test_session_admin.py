"""Sessions in the console."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation
from conversations.sessions.models import Session
from conversations.sessions.services import start_session
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope
from tests.staff import audited, console_of, words


@pytest.fixture
def session(conversation: Conversation) -> Session:
    """A browser of the conversation's customer."""
    with tenant_scope(conversation.tenant_id) as tenant:
        return start_session(
            tenant=tenant,
            conversation=conversation,
            public_key=b"none",
            origin="https://shop.example",
            device="Safari on iPhone",
        )


def page_of(conversation: Conversation) -> str:
    return reverse("admin:conversations_conversation_change", args=[conversation.pk])


def ending(conversation: Conversation, session_id: object) -> str:
    address = reverse("admin:conversations_conversation_end_session", args=[conversation.pk])
    return f"{address}?session={session_id}"


def test_browsers_are_shown_in_words_and_ended(
    console: Client, staff: User, conversation: Conversation, session: Session
) -> None:
    page = console.get(page_of(conversation))
    shown = words(page)
    assert "Safari on iPhone" in shown and "https://shop.example" in shown
    assert ending(conversation, session.pk) in page.content.decode()
    assert "End this session?" in words(console.get(ending(conversation, session.pk)))
    with tenant_scope(conversation.tenant_id):
        assert Session.objects.get(pk=session.pk).ended_at is None, "only asked so far"
    done = console.post(ending(conversation, session.pk), follow=True)
    assert "The session has ended." in words(done)
    assert "Ended by the team" in words(done)
    assert ending(conversation, session.pk) not in done.content.decode()
    (entry,) = audited("conversation.session_ended", by=staff)
    assert entry.changes == {"device": "Safari on iPhone"}
    again = console.post(ending(conversation, session.pk), follow=True)
    assert "the session had ended already" in words(again)


@pytest.mark.parametrize("session_id", ["", "no-id", uuid4()])
def test_what_is_no_session_of_it_is_not_ended(
    console: Client, conversation: Conversation, session: Session, session_id: object
) -> None:
    console.post(ending(conversation, session_id), follow=True)
    with tenant_scope(conversation.tenant_id):
        assert Session.objects.get(pk=session.pk).ended_at is None


def test_one_that_has_expired_says_so(
    console: Client, conversation: Conversation, session: Session
) -> None:
    with tenant_scope(conversation.tenant_id):
        past = session.created_at - timedelta(seconds=1)
        Session.objects.filter(pk=session.pk).update(expires_at=past)
    page = console.get(page_of(conversation))
    assert "Not used for too long" in words(page)
    assert ending(conversation, session.pk) not in page.content.decode()


def test_a_viewer_sees_them_and_ends_none(
    workspace: Tenant, conversation: Conversation, session: Session
) -> None:
    viewer = console_of(workspace, Member.Role.VIEWER)
    page = viewer.get(page_of(conversation))
    assert "Safari on iPhone" in words(page)
    assert ending(conversation, session.pk) not in page.content.decode()
    assert viewer.post(ending(conversation, session.pk)).status_code == 403
