"""A browser begins a session: which conversation it is one of, and what is noted about its visitor.

Runs in the caller's tenant scope.
"""

from dataclasses import dataclass

from conversations import validation
from conversations.bans import services as bans
from conversations.bans.marks import mark_of_key, mark_of_network
from conversations.errors import ConversationNotFound, InvalidName
from conversations.identity import services as identities
from conversations.identity.models import Person
from conversations.identity.tokens import Identity
from conversations.models import Conversation
from conversations.services.editing import rename_customer
from conversations.services.starting import start_conversation
from conversations.sessions.models import Session
from conversations.sessions.services import continue_conversation, start_session
from conversations.tokens import TokenClaims
from conversations.visitors import services as visitors
from conversations.visitors.page_reports import PageReport
from tenants.models import Tenant
from tenants.use_limits import Room


@dataclass(frozen=True, slots=True)
class Browser:
    """What comes to begin a session, checked as far as that takes no database."""

    public_key: bytes
    origin: str
    # In words.
    device: str
    address: str
    # The conversation that it has already, by the token of it.
    claims: TokenClaims | None
    # What a new conversation gets.
    name: str
    locale: str
    report: PageReport


def begin_session(
    *, tenant: Tenant, browser: Browser, identity: Identity | None, room: Room | None = None
) -> Session:
    """A session of the conversation that is the visitor's.

    That is the open one of the person whom the identity names, else the one of the browser's token
    where it is the same person's or no identity is given, else a new one, unless they are banned,
    for which `room` is needed. Raises ConversationBlocked,
    OverLimit, and as `continue_conversation` for a token.
    """
    person = None
    if identity is not None:
        person = identities.remember_person(tenant=tenant, identity=identity)
    network_mark = mark_of_network(tenant.pk, browser.address)
    conversation = _of_person(tenant, person) or _of_token(tenant, browser, person)
    if conversation is None:
        _require_not_banned(tenant, browser, person, network_mark)
        conversation = start_conversation(
            tenant=tenant,
            customer_name=_name(browser, person),
            locale=browser.locale,
            network_mark=network_mark,
            room=room,
        )
    else:
        bans.note_network(conversation=conversation, mark=network_mark)
    visitor = visitors.keep_report(
        tenant=tenant,
        conversation=conversation,
        report=browser.report,
        device=browser.device,
        address=browser.address,
    )
    if person is not None:
        identities.assign_person(visitor=visitor, person=person)
    return start_session(
        tenant=tenant,
        conversation=conversation,
        public_key=browser.public_key,
        origin=browser.origin,
        device=browser.device,
        person=person,
    )


def _require_not_banned(
    tenant: Tenant, browser: Browser, person: Person | None, network_mark: str
) -> None:
    """Many may share a network; of a person whom the tenant knows, it says nothing."""
    marks = [mark_of_key(tenant.pk, browser.public_key)]
    if person is None:
        marks.append(network_mark)
    bans.require_not_banned(tenant=tenant, marks=marks)


def _of_person(tenant: Tenant, person: Person | None) -> Conversation | None:
    found = None if person is None else identities.find_open_conversation(person=person)
    if found is None:
        return None
    try:
        return continue_conversation(tenant=tenant, conversation_id=found.pk, by_session=None)
    except ConversationNotFound:
        # Deleted in the meantime.
        return None


def _of_token(tenant: Tenant, browser: Browser, person: Person | None) -> Conversation | None:
    """The one that the browser has a token for; with an identity, only a conversation of theirs.

    Others may have held the token of one that was begun without, and would read what is said next.
    """
    claims = browser.claims
    if claims is None:
        return None
    conversation = continue_conversation(
        tenant=tenant,
        conversation_id=claims.conversation_id,
        by_session=claims.session.id if claims.session else None,
    )
    if person is None:
        return conversation
    if not identities.is_of(person=person, conversation=conversation):
        return None
    name = _name_of(person)
    if name and not conversation.customer_name:
        return rename_customer(tenant=tenant, conversation_id=conversation.pk, name=name)
    return conversation


def _name(browser: Browser, person: Person | None) -> str:
    return (person and _name_of(person)) or browser.name


def _name_of(person: Person) -> str:
    """As customers are called; empty for a name that would be refused from them."""
    try:
        return validation.optional_name_at_start(person.name)
    except InvalidName:
        return ""
