"""Every way into the product, taken from its URLconf, and how the matrix calls it.

A new route of the v2 admin API needs a line here only for a parameter that has no sample yet
(SAMPLES), or for a body that is checked before the thing is looked up (BODIES).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from channels_telegram.bots import add_bot
from channels_telegram.services import ChannelConfig, configure_channel
from conversations import services as conversations
from conversations.models import Agent
from conversations.sessions.services import start_session
from outbox.models import Lane, OutboxItem
from tenants.api.platform.base import PlatformView
from tenants.api.v2.base import ApiKeyView
from tenants.api.views import ServiceView
from tenants.api_keys.services import issue_api_key
from tenants.audit import SYSTEM
from tenants.invitations.services import invite_member
from tenants.models import Member, Tenant, User
from tenants.services import add_member

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One method at one address."""

    method: str
    pattern: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} /{self.pattern}"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parts that vary."""
        return tuple(re.findall(r"<(?:\w+:)?(\w+)>", self.pattern))

    def path(self, values: dict[str, str]) -> str:
        """The address with these values."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], self.pattern)

    def body(self, own: dict[str, str]) -> dict[str, Any] | None:
        """What is sent, for the call to get as far as looking the thing up.

        `own` are the ids of the caller's own things, by parameter.
        """
        if self.method == "GET":
            return None
        return {name: own.get(value, value) for name, value in BODIES.get(str(self), {}).items()}


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every pattern of the URLconf with its callback."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield here, entry.callback
        else:
            yield from addresses(entry, here)


def routes_of(kind: type, *, but_not: type | None = None) -> list[Route]:
    """The routes whose views are of a kind."""
    found = []
    for pattern, callback in addresses():
        view = getattr(callback, "cls", None)
        if view is None or not issubclass(view, kind) or (but_not and issubclass(view, but_not)):
            continue
        found += [Route(name.upper(), pattern, view) for name in METHODS if hasattr(view, name)]
    return sorted(found, key=str)


ADMIN = routes_of(ApiKeyView)
PLATFORM = routes_of(PlatformView)
SERVICE = routes_of(ServiceView, but_not=PlatformView)

# Who may call the others, and why that is safe. The customer's own are tried one by one.
CUSTOMER = {
    "v1/conversations/<uuid:conversation_id>/messages": ("GET", "POST"),
    "v1/conversations/<uuid:conversation_id>/name": ("PATCH",),
    "v1/conversations/<uuid:conversation_id>/locale": ("PATCH",),
    "v2/conversations/<uuid:conversation_id>/receipts": ("POST",),
    "v2/conversations/<uuid:conversation_id>/attachments": ("POST",),
}
OPEN = {
    "docs/": "a page for everybody",
    "docs/openapi.yaml": "a page for everybody",
    "v1/conversations/start": "makes something new; tests/customer_api tries the hints",
    "v1/i18n/<str:tenant_slug>/<str:locale>": "public texts",
    "v1/telegram/webhook/<str:secret>": "the secret names the tenant",
    "v1/stripe/webhook": "the customer that a signed event names tells the tenant",
    "v2/stripe/webhook": "the same",
    "v2/attachments/<uuid:file_id>": "the signed address names the tenant; attachments/tests",
    "v2/widget/config": "what a tenant shows in public",
    "v2/sessions": "makes something new, or continues by a token; tests/attacks tries the hints",
    "v2/sessions/<uuid:session_id>": "wants the session's own token; tests/attacks",
    "v2/sessions/<uuid:session_id>/conversations": "wants the session's own token; "
    "customer_api/test_earlier_conversations.py",
    "v2/sessions/<uuid:session_id>/conversations/<uuid:conversation_id>/messages": "wants the "
    "session's own token; customer_api/test_earlier_conversations.py",
    "v2/sessions/<uuid:session_id>/challenge": "the session names the tenant; tests/attacks",
    "v2/sessions/<uuid:session_id>/token": "wants the session's key; tests/attacks",
    "v2/ws/token": "takes nothing but the token, which names the tenant",
    r"^(?P<name>widget(?:\.min)?\.js)$": "a file",
    r"^widget/(?P<name>[\w-]+\.js)$": "a file",
    "health": "says nothing about tenants",
    "ready": "says nothing about tenants",
    "metrics": "sums over all tenants",
}

# Parameters that name no thing of a tenant.
NO_IDS = {"locale", "key", "name", "format", "slug", "code", "interval"}


def _conversation(tenant: Tenant) -> str:
    return str(
        conversations.start_conversation(tenant=tenant, customer_name="Maya", locale="en").pk
    )


def _session(tenant: Tenant) -> str:
    conversation = conversations.start_conversation(
        tenant=tenant, customer_name="Maya", locale="en"
    )
    session = start_session(
        tenant=tenant, conversation=conversation, public_key=b"none", origin="", device=""
    )
    return str(session.pk)


def _agent(tenant: Tenant) -> str:
    return str(Agent.objects.create(tenant=tenant, channel_user_id=uuid4().hex).pk)


def _api_key(tenant: Tenant) -> str:
    issued = issue_api_key(tenant=tenant, name="Theirs", scopes=["audit:read"], actor=SYSTEM)
    return str(issued.key.pk)


def _outbox_item(tenant: Tenant) -> str:
    item = OutboxItem.objects.create(
        tenant=tenant,
        kind="test.nothing",
        ordering_key=uuid4().hex,
        idempotency_key=uuid4().hex,
        lane=Lane.COSMETIC,
        status=OutboxItem.Status.DEAD,
    )
    return str(item.pk)


def _bot(tenant: Tenant) -> str:
    """A bot that helps in the group of another one."""
    tokens = [f"{uuid4().int % 2**32 + 10**9}:{uuid4().hex}" for _ in range(2)]
    config = ChannelConfig(bot_token=tokens[0], chat_id=-(uuid4().int % 2**50))
    configure_channel(tenant=tenant, config=config, actor=SYSTEM)
    return str(add_bot(tenant=tenant, token=tokens[1], actor=SYSTEM).pk)


def _member(tenant: Tenant) -> str:
    user = User.objects.create_user(f"{uuid4().hex}@example.com")
    return str(add_member(tenant=tenant, user=user, role=Member.Role.ADMIN, actor=SYSTEM).pk)


def _invitation(tenant: Tenant) -> str:
    issued = invite_member(
        tenant=tenant,
        email=f"{uuid4().hex}@example.com",
        role=Member.Role.VIEWER,
        actor=SYSTEM,
    )
    return str(issued.invitation.pk)


# Parameter of a path → how to make a thing of a tenant's, in its scope; answers its id.
SAMPLES: dict[str, Callable[[Tenant], str]] = {
    "conversation_id": _conversation,
    "session_id": _session,
    "agent_id": _agent,
    "key_id": _api_key,
    "item_id": _outbox_item,
    "member_id": _member,
    "bot_id": _bot,
    "invitation_id": _invitation,
}
# Parameter → an id that nobody has.
UNKNOWN = {"item_id": str(2**60)}

# Bodies that must be right before a thing is looked up. The name of a parameter stands for the
# caller's own thing of that kind.
_CONVERSATION = "/v2/admin/conversations/<uuid:conversation_id>"
_CUSTOMERS = "/v1/conversations/<uuid:conversation_id>"
BODIES: dict[str, dict[str, Any]] = {
    f"POST {_CONVERSATION}/claim": {"agent_id": "agent_id"},
    f"POST {_CONVERSATION}/messages": {"text": "Hello", "agent_id": "agent_id"},
    f"POST {_CONVERSATION}/remarks": {"text": "Hello", "agent_id": "agent_id"},
    f"POST {_CONVERSATION}/thread": {"thread_id": 4711},
    f"POST {_CONVERSATION}/typing": {"agent_id": "agent_id"},
    f"PUT {_CONVERSATION}/legal-hold": {"reason": "A lawsuit"},
    f"POST {_CUSTOMERS}/messages": {"text": "Hello"},
    f"PATCH {_CUSTOMERS}/name": {"name": "Maya"},
    f"PATCH {_CUSTOMERS}/locale": {"locale": "de"},
    "PATCH /v2/admin/members/<uuid:member_id>": {"role": "viewer"},
    "PUT /v2/admin/members/<uuid:member_id>": {"role": "viewer"},
}

# v1 admin calls that name a thing of the tenant in the body.
NAMED_IN_BODY: dict[str, tuple[str, str]] = {
    "POST /v1/moderation/close": ("id", "conversation_id"),
    "POST /v1/moderation/block": ("id", "conversation_id"),
}
