"""Who uses the console, and the page they get."""

import re
from html import unescape

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from psycopg.errors import LockNotAvailable

from conversations import services as conversations
from conversations.models import Conversation
from tenants.audit import SYSTEM
from tenants.models import AuditEntry, Member, Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_tenant
from tests.waiting import wait_until

PASSWORD = "a long enough passphrase"
_TABLES_CHILDREN_FIRST = (
    "channels_telegram_messagelink",
    "channels_telegram_inboxupdate",
    "channels_telegram_topic",
    "channels_telegram_telegramchannel",
    "outbox_outboxitem",
    "outbox_outboxhold",
    "conversations_message",
    "conversations_systemmessagesent",
    "conversations_conversation",
    "conversations_agent",
)


@pytest.fixture
def quiet_platform(db: None) -> None:
    """Nobody has written anything yet, as this test sees it; taken back with its transaction.

    Other tests of the run have left their conversations, which are real to the processes.
    """
    with platform_scope("tests"), connection.cursor() as cursor:
        # It waits more briefly than PostgreSQL does before it looks for a deadlock, so it is
        # always this test that gives way to a process, and never the other way round.
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        wait_until(
            lambda: _deleted(cursor), "all rows are free", describe=lambda: _sessions(cursor)
        )
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _deleted(cursor: CursorWrapper) -> bool:
    """Delete all rows; when a process holds one of them, let go of all and return False."""
    try:
        with transaction.atomic():
            for table in _TABLES_CHILDREN_FIRST:
                cursor.execute(f"DELETE FROM {table}")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return False
    return True


def _sessions(cursor: CursorWrapper) -> str:
    """The sessions of this database that hold something, with what they did last."""
    cursor.execute(
        "SELECT pid, application_name, state, xact_start, query FROM pg_stat_activity"
        " WHERE datname = current_database() AND xact_start IS NOT NULL"
        " AND pid <> pg_backend_pid()"
    )
    return "\n".join(str(row) for row in cursor.fetchall())


@pytest.fixture
def workspace(quiet_platform: None) -> Tenant:
    """A tenant that exists for this test only."""
    return create_tenant(slug="initech", name="Initech", actor=SYSTEM)


@pytest.fixture
def conversation(workspace: Tenant) -> Conversation:
    """Somebody has written to the workspace and waits."""
    return start_conversation(workspace, name="Milton", text="Where is my stapler?")


@pytest.fixture
def staff(quiet_platform: None) -> User:
    """A person of the platform."""
    return User.objects.create_superuser("staff@chatorical.example", PASSWORD)


@pytest.fixture
def console(staff: User) -> Client:
    """The staff's browser, signed in."""
    client = Client()
    client.force_login(staff)
    return client


def console_of(workspace: Tenant, role: Member.Role) -> Client:
    """The browser of a member with this role, signed in."""
    user = User.objects.create_user(f"{role}@initech.example", PASSWORD, is_staff=True)
    with tenant_scope(workspace.pk) as tenant:
        add_member(tenant=tenant, user=user, role=role, actor=SYSTEM)
    client = Client()
    client.force_login(user)
    return client


def start_conversation(workspace: Tenant, *, name: str, text: str) -> Conversation:
    """A new conversation with its first message."""
    with tenant_scope(workspace.pk) as tenant:
        started = conversations.start_conversation(tenant=tenant, customer_name=name, locale="en")
        conversations.add_customer_message(tenant=tenant, conversation_id=started.pk, text=text)
        return Conversation.objects.get(pk=started.pk)


def audited(action: str, *, by: User) -> list[AuditEntry]:
    """The entries that this person has left with this action."""
    with platform_scope("tests"):
        return list(
            AuditEntry.objects.filter(action=action, actor_kind="staff", actor_id=str(by.pk))
        )


def words(response: HttpResponseBase) -> str:
    """What a person reads on the page: without tags, scripts and line breaks."""
    assert isinstance(response, HttpResponse)
    html = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", response.content.decode())
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
