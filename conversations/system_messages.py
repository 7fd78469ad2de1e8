"""What the product says by itself, and where each saying goes."""

from datetime import timedelta

from django.db import connection

from conversations import selectors, services
from conversations.events import AgentsNotified, Reminder
from conversations.models import Conversation
from conversations.socket import realtime
from kernel import events
from kernel.clock import now_ms
from kernel.text import is_visible
from templates_i18n import selectors as templates
from templates_i18n.keys import Template, TemplateKey
from tenants.models import Tenant

_TAKE_TURN = """
    INSERT INTO conversations_systemmessagesent AS sent (tenant_id, conversation_id, key, sent_at)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant_id, conversation_id, key) DO UPDATE SET sent_at = excluded.sent_at
    WHERE sent.sent_at <= %s
    RETURNING 1
"""


def send(
    *,
    tenant: Tenant,
    conversation: Conversation,
    key: TemplateKey,
    agent_name: str = "",
    reminder: Reminder | None = None,
) -> bool:
    """Say it in the customer's language, wherever the template wants it, if it is its turn.

    `agent_name` is who speaks, as customers know them; empty for the support label. False when the
    tenant does not want it, or not yet again, or when nothing is left to say without a value.

    The running transaction holds the conversation's lock; what leaves the process does so after
    its commit.
    """
    template = templates.get_template(tenant=tenant, key=key, locale=conversation.locale)
    if not template.enabled:
        return False
    variables = selectors.template_variables(
        tenant=tenant, conversation=conversation, agent_name=agent_name
    )
    text = templates.render(template.text, variables).strip()
    if not is_visible(text):
        return False
    if template.rate_limit_seconds and not _takes_turn(tenant, conversation, template):
        return False
    message = None
    if template.is_kept:
        message = services.add_system_message(
            tenant=tenant, conversation=conversation, key=key, text=text, agent_name=agent_name
        )
    if template.to_customer_ws:
        realtime.push_note(conversation=conversation, key=key, text=text, message=message)
    if template.to_agents:
        events.publish(
            AgentsNotified(
                tenant,
                conversation,
                text,
                key,
                is_pinned=template.pin,
                reminder=reminder,
            )
        )
    return True


def _takes_turn(tenant: Tenant, conversation: Conversation, template: Template) -> bool:
    """Whether the last time is long enough ago; decided by one conditional upsert."""
    now = now_ms()
    earliest = now - timedelta(seconds=template.rate_limit_seconds)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [tenant.pk, conversation.pk, template.key, now, earliest])
        return cursor.fetchone() is not None
