"""Reading conversations."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from conversations import searching, sql
from conversations.errors import AgentNotFound, ConversationNotFound
from conversations.events import Reminder
from conversations.models import OPEN_STATUSES, Agent, Conversation, Message, Remark, Status
from conversations.setting_keys import SUPPORT_LABEL
from kernel.text import is_visible
from templates_i18n import selectors as templates
from templates_i18n.keys import TemplateKey
from tenants.models import AuditEntry, Tenant


def get_conversation(*, tenant: Tenant, conversation_id: UUID) -> Conversation:
    """One of the tenant's conversations; raises ConversationNotFound."""
    found = Conversation.objects.filter(tenant=tenant, pk=conversation_id).first()
    if found is None:
        raise ConversationNotFound(conversation_id=conversation_id)
    return found


def lock_conversation(*, tenant: Tenant, conversation_id: UUID) -> Conversation:
    """As `get_conversation`, and nobody else may change it until this transaction ends."""
    found = sql.find_locked(tenant_id=tenant.pk, conversation_id=conversation_id)
    if found is None:
        raise ConversationNotFound(conversation_id=conversation_id)
    return found


def list_without_thread(*, tenant: Tenant, codename: str) -> QuerySet[Conversation]:
    """Conversations with this codename that no channel shows yet."""
    return Conversation.objects.filter(tenant=tenant, codename=codename, thread_id__isnull=True)


def find_status(*, tenant: Tenant, conversation_id: UUID) -> Status | None:
    """Where a conversation stands now; None when it is gone."""
    found = Conversation.objects.filter(tenant=tenant, pk=conversation_id)
    status = found.values_list("status", flat=True).first()
    return None if status is None else Status(status)


def is_reminder_of_now(*, conversation: Conversation, reminder: Reminder) -> bool:
    """Whether the customer still waits, and no later reminder says so."""
    return (
        conversation.waiting_since == reminder.waiting_since
        and conversation.reminders_sent == reminder.number
    )


def find_agent(*, tenant: Tenant, channel_user_id: str) -> Agent | None:
    """The agent with this identity in the channel."""
    return sql.find_agent(tenant_id=tenant.pk, channel_user_id=channel_user_id)


def get_assigned_agent(*, conversation: Conversation) -> Agent | None:
    """Who has the conversation, or None."""
    if conversation.assigned_agent_id is None:
        return None
    return Agent.objects.filter(
        tenant_id=conversation.tenant_id, pk=conversation.assigned_agent_id
    ).first()


def get_agent(*, tenant: Tenant, channel_user_id: str) -> Agent:
    """The agent with this identity in the channel; raises AgentNotFound."""
    agent = find_agent(tenant=tenant, channel_user_id=channel_user_id)
    if agent is None:
        raise AgentNotFound(channel_user_id=channel_user_id)
    return agent


def get_agent_by_id(*, tenant: Tenant, agent_id: UUID) -> Agent:
    """One of the tenant's agents; raises AgentNotFound."""
    agent = Agent.objects.filter(tenant=tenant, pk=agent_id).first()
    if agent is None:
        raise AgentNotFound(agent_id=agent_id)
    return agent


def lock_agent(*, tenant: Tenant, agent_id: UUID) -> Agent:
    """As `get_agent_by_id`, and nobody else may change them until this transaction ends."""
    agent = Agent.objects.select_for_update().filter(tenant=tenant, pk=agent_id).first()
    if agent is None:
        raise AgentNotFound(agent_id=agent_id)
    return agent


def list_agents(*, tenant: Tenant) -> QuerySet[Agent]:
    """Everybody who has answered or been registered, oldest first."""
    return Agent.objects.filter(tenant=tenant).order_by("created_at", "pk")


def list_conversations(
    *,
    tenant: Tenant,
    statuses: Collection[str] | None = None,
    search: str = "",
    finds_parts: bool = False,
) -> QuerySet[Conversation]:
    """The tenant's conversations with their agents, in no order yet.

    Read newest first and a page at a time, it walks along an index and stops when the page is full.
    `search` finds those with a word in codename, customer's name or note for each of its own: one
    that begins like it or, with `finds_parts`, contains it, which takes longer the more there are.
    """
    rows = Conversation.objects.filter(tenant=tenant).select_related("assigned_agent")
    if statuses is not None:
        rows = rows.filter(status__in=statuses)
    if search:
        filter_rows = searching.filter_by_substring if finds_parts else searching.filter_by_search
        rows = filter_rows(rows, tenant=tenant, search=search)
    return rows


def count_by_status(*, tenant: Tenant) -> dict[str, int]:
    """How many conversations the tenant has in each status that any is in."""
    rows = Conversation.objects.filter(tenant=tenant).order_by().values_list("status")
    return dict(rows.annotate(count=Count("pk")))


def list_trail(*, tenant: Tenant, conversation: Conversation) -> QuerySet[AuditEntry]:
    """What has happened to it, oldest first."""
    return AuditEntry.objects.filter(
        tenant=tenant, object_type="conversation", object_id=str(conversation.pk)
    ).order_by("at", "pk")


def list_messages(
    *,
    tenant: Tenant,
    conversation: Conversation,
    after: int | None = None,
    since: datetime | None = None,
    up_to: int | None = None,
    with_deleted: bool = False,
) -> QuerySet[Message]:
    """Its messages, oldest first: all, or those after a seq, or after a moment.

    `up_to` ends at a seq that the caller has read from the same conversation. Of those that were
    deleted, `with_deleted` brings what is left.
    """
    messages = Message.objects.filter(tenant=tenant, conversation=conversation).order_by("seq")
    if not with_deleted:
        messages = messages.filter(deleted_at__isnull=True)
    if after is not None:
        messages = messages.filter(seq__gt=after)
    if since is not None:
        messages = messages.filter(created_at__gt=since)
    if up_to is not None:
        messages = messages.filter(seq__lte=up_to)
    return messages


def list_remarks(*, conversation: Conversation) -> QuerySet[Remark]:
    """What agents have said to each other about a conversation, with who said it."""
    return Remark.objects.filter(
        tenant_id=conversation.tenant_id, conversation=conversation
    ).select_related("agent")


def remark_author(remark: Remark) -> str:
    """Who made a remark, for colleagues."""
    return "Program" if remark.agent is None else remark.agent.internal_name


def find_message_of_client(
    *, tenant: Tenant, conversation_id: UUID, client_id: str | None
) -> Message | None:
    """The customer's message that has this `client_id` already."""
    if client_id is None:
        return None
    return Message.objects.filter(
        tenant=tenant, conversation=conversation_id, client_id=client_id
    ).first()


def find_seq_from_the_end(messages: QuerySet[Message], number: int) -> int | None:
    """The seq of one of these messages, 1 being the newest; None if there are fewer."""
    seqs = messages.order_by("-seq").values_list("seq", flat=True)
    return seqs[number - 1 : number].first()


def agent_label(*, tenant: Tenant, message: Message) -> str:
    """The name a customer sees on an answer: as it was said, else the tenant's support label."""
    return message.agent_name or tenant.setting(SUPPORT_LABEL)


def name_on_reply(*, conversation: Conversation, sender: Agent | None) -> str:
    """The name that customers see on a sender's words; empty stands for the support label.

    The sender's own, else that of the agent who has the conversation. Whose own name cannot be
    known answers under the label, never under a colleague's name.
    """
    if sender is not None and sender.public_name:
        return sender.public_name
    if sender is not None and (
        sender.is_anonymous or conversation.assigned_agent_id in (None, sender.pk)
    ):
        return ""
    claimer = get_assigned_agent(conversation=conversation)
    return claimer.public_name if claimer is not None else ""


def public_agent_label(*, tenant: Tenant, agent: Agent | None) -> str:
    """The name a customer may see for an agent: the display name, else the support label."""
    return (agent.public_name if agent is not None else "") or tenant.setting(SUPPORT_LABEL)


def template_variables(
    *, tenant: Tenant, conversation: Conversation, agent_name: str = ""
) -> dict[str, str]:
    """The values that system messages may mention; the support label without an agent's name."""
    return {
        "customer_name": conversation.customer_name,
        "agent_name": agent_name or tenant.setting(SUPPORT_LABEL),
        "codename": conversation.codename,
    }


def find_closed_note(*, tenant: Tenant, conversation: Conversation) -> str | None:
    """The line below the history of a closed conversation, while the tenant wants one."""
    if conversation.status != Status.CLOSED:
        return None
    template = templates.get_template(
        tenant=tenant, key=TemplateKey.CLOSED_HISTORY, locale=conversation.locale
    )
    if not template.enabled or not is_visible(template.text):
        return None
    agent = get_assigned_agent(conversation=conversation)
    name = agent.public_name if agent is not None else ""
    variables = template_variables(tenant=tenant, conversation=conversation, agent_name=name)
    return templates.render(template.text, variables) or None


def count_named_agents(*, tenant: Tenant) -> int:
    """How many agents have a name that customers see."""
    named = Agent.objects.filter(tenant=tenant, is_enabled=True, is_anonymous=False)
    return named.exclude(display_name="").count()


def count_open(*, tenant: Tenant) -> int:
    """How many conversations are neither closed nor blocked."""
    return Conversation.objects.filter(tenant=tenant, status__in=OPEN_STATUSES).count()
