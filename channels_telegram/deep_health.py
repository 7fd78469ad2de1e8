"""The whole way of a conversation, tried out: from its start to a topic in the real group.

What the database has to do is done in one transaction that is taken back at its end, so nothing of
it stays, however the check ends. The topic in the group is deleted again; should that fail, or this
process end before, the outbox has an item that does it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from channels_telegram.channels import DecryptedChannel, find_channel
from channels_telegram.outgoing import topic_delivery
from channels_telegram.outgoing.error_mapping import telling_the_outbox
from channels_telegram.outgoing.rate_limit import take_call
from channels_telegram.topics import health_check_topics
from conversations import selectors, services, system_messages, tokens
from conversations.models import Conversation
from conversations.tokens import SOCKET_AUDIENCE
from kernel.errors import DomainError
from kernel.ids import new_capability_id
from kernel.text import is_visible
from outbox import recording
from outbox import selectors as outbox_selectors
from outbox.errors import ChannelOnHold, DeliveryError
from templates_i18n import selectors as templates
from templates_i18n.keys import TemplateKey
from templates_i18n.locales import DEFAULT_LOCALE
from tenants.errors import OverLimit, TenantReadOnly
from tenants.models import Tenant
from tenants.scope import tenant_scope

logger = structlog.get_logger(__name__)

_ADDRESS = "127.0.0.1"
# With half of each again for connecting, both calls take ten seconds together at the most.
_CREATE_TIMEOUT_SECONDS = 4.0
_DELETE_TIMEOUT_SECONDS = 2.5


@dataclass
class Findings:
    """What worked. `errors` name the step that did not, in words for the operator."""

    start_ok: bool = False
    topic_ok: bool = False
    welcome_ok: bool = False
    ws_token_ok: bool = False
    # The group takes no calls until then, because it had so many: that is no fault.
    busy_until: datetime | None = None
    errors: list[str] = field(default_factory=list)


class _TakenBack(Exception):
    """Ends the trial's transaction without keeping anything of it."""


def check(*, tenant_id: UUID) -> Findings:
    """Try everything, in some ten seconds at the most; costs two calls of the group's budget.

    While that budget is spent, or Telegram asks us to wait, no call is made.
    """
    findings = Findings()
    with _step(findings, "start"):
        try:
            with tenant_scope(tenant_id) as tenant:
                _try_conversation(tenant, findings)
                raise _TakenBack
        except _TakenBack:
            logger.debug("trial_taken_back")
    with _step(findings, "topic"):
        _try_topic(tenant_id, findings)
    if findings.busy_until is not None and not findings.topic_ok:
        # Not tried, so as not to make the wait longer; nothing is known against it.
        findings.topic_ok = not findings.errors
    return findings


@contextmanager
def _step(findings: Findings, name: str) -> Iterator[None]:
    """What fails within is said under this name; the steps after it are tried all the same."""
    try:
        yield
    except ChannelOnHold as error:
        if error.reason:
            findings.errors.append(f"{name}: {error.reason}")
        else:
            findings.busy_until = error.until
    except DeliveryError as error:
        findings.errors.append(f"{name}: {error}")
    except DomainError as error:
        findings.errors.append(f"{name}: {error.public_message}")
    except Exception as error:
        # The edge: a health check tells what is wrong. Details are for the log: they may say much.
        logger.exception("deep_health_failed", step=name)
        findings.errors.append(f"{name}: {type(error).__name__}; the log has more.")


def _try_conversation(tenant: Tenant, findings: Findings) -> None:
    """Everything that needs no Telegram."""
    try:
        started = services.start_conversation(
            tenant=tenant, customer_name=health_check_topics.NAME, locale=DEFAULT_LOCALE
        )
    except (TenantReadOnly, OverLimit):
        # As it should be for a tenant that has not paid, or has no room; what needs a conversation
        # is not tried, and nothing is known against it.
        findings.start_ok = findings.welcome_ok = findings.ws_token_ok = True
        return
    conversation = selectors.lock_conversation(tenant=tenant, conversation_id=started.pk)
    findings.start_ok = True
    with _step(findings, "welcome"), transaction.atomic():
        _try_welcome(tenant, conversation, findings)
    with _step(findings, "socket token"), transaction.atomic():
        _try_socket_token(tenant, conversation, findings)


def _try_welcome(tenant: Tenant, conversation: Conversation, findings: Findings) -> None:
    """Send it, where the tenant has one; an off one works by not being sent."""
    template = templates.get_template(tenant=tenant, key=TemplateKey.WELCOME, locale=DEFAULT_LOCALE)
    system_messages.send(tenant=tenant, conversation=conversation, key=TemplateKey.WELCOME)
    is_kept = template.enabled and is_visible(template.text) and template.to_customer_persist
    kept = selectors.list_messages(tenant=tenant, conversation=conversation)
    findings.welcome_ok = kept.filter(template_key=TemplateKey.WELCOME).exists() == is_kept
    if not findings.welcome_ok:
        findings.errors.append("welcome: it is not in the history.")


def _try_socket_token(tenant: Tenant, conversation: Conversation, findings: Findings) -> None:
    token = tokens.issue_socket_token(
        tenant_id=tenant.pk, conversation_id=conversation.pk, address=_ADDRESS
    )
    claims = tokens.verify(token, audiences=(SOCKET_AUDIENCE,), address=_ADDRESS)
    selectors.get_conversation(tenant=tenant, conversation_id=claims.conversation_id)
    findings.ws_token_ok = claims.tenant_id == tenant.pk


def _try_topic(tenant_id: UUID, findings: Findings) -> None:
    """Make a topic and delete it, within the budget that messages share."""
    with tenant_scope(tenant_id) as tenant:
        channel = find_channel(tenant=tenant)
        if channel is None:
            raise DeliveryError("no Telegram channel is configured.")
        hold = outbox_selectors.find_active_hold(tenant=tenant, channel=channel.outbox_channel)
    standing = channel.standing
    if standing.problem and (hold or standing.is_held or not standing.may_manage_topics):
        raise DeliveryError(standing.problem)
    if hold is not None:
        raise ChannelOnHold("the group is busy", until=hold.held_until, reason=hold.reason)
    trial_id = new_capability_id()
    thread_id = _make_topic(channel, health_check_topics.title_of(trial_id))
    findings.topic_ok = True
    with _step(findings, "tidying up"):
        _delete_topic(channel, trial_id, thread_id)


def _make_topic(channel: DecryptedChannel, title: str) -> int:
    try:
        with telling_the_outbox(channel.tenant_id, channel.outbox_channel):
            bot = take_call(channel, timeout_seconds=_CREATE_TIMEOUT_SECONDS)
            return bot.create_forum_topic(chat_id=channel.chat_id, name=title)
    except ChannelOnHold as error:
        _keep_penalty(channel, error)
        raise
    except DeliveryError as error:
        if error.is_ambiguous:
            # Telegram then tells of it, which is enough for it to be deleted.
            raise DeliveryError(f"{error}; if “{title}” was made, it will be deleted.") from error
        raise


def _delete_topic(channel: DecryptedChannel, trial_id: UUID, thread_id: int) -> None:
    """Enqueue the removal and do it: whatever ends this here, the item is delivered."""
    topic = channel.topic(thread_id)
    with tenant_scope(channel.tenant_id) as tenant:
        health_check_topics.enqueue_removal(tenant=tenant, trial_id=trial_id, topic=topic)
    try:
        with telling_the_outbox(channel.tenant_id, channel.outbox_channel):
            topic_delivery.remove_topic(
                channel, thread_id, timeout_seconds=_DELETE_TIMEOUT_SECONDS, goes_on=True
            )
    except ChannelOnHold as error:
        _keep_penalty(channel, error)
        if not error.counts_as_attempt:
            # Only the budget is spent: it will be deleted in a moment, as everything waits then.
            return
        raise
    with tenant_scope(channel.tenant_id) as tenant:
        health_check_topics.drop_removal(tenant=tenant, topic=topic)


def _keep_penalty(channel: DecryptedChannel, error: ChannelOnHold) -> None:
    """Telegram wants nobody to call this group for a while; what a person must mend stays ours."""
    if error.counts_as_attempt and not error.reason:
        with tenant_scope(channel.tenant_id):
            recording.hold_channel(channel.tenant_id, channel.outbox_channel, error)
