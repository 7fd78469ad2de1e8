"""Conversations, their messages and the agents who answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from kernel.ids import new_capability_id, new_id
from tenants.models import TenantOwned


class Status(models.TextChoices):
    """Where a conversation stands; the values are on the wire."""

    OPEN_UNCLAIMED = "OPEN_UNCLAIMED", "Open, nobody yet"
    OPEN_ASSIGNED = "OPEN_ASSIGNED", "Open, with an agent"
    AWAITING_CUSTOMER = "AWAITING_CUSTOMER", "Waiting for the customer"
    CLOSED = "CLOSED", "Closed"
    BLOCKED = "BLOCKED", "Blocked"


CLAIMED_STATUSES = (Status.OPEN_ASSIGNED, Status.AWAITING_CUSTOMER)
OPEN_STATUSES = (Status.OPEN_UNCLAIMED, *CLAIMED_STATUSES)
# How long an id of a channel may be: an agent's, a thread's. One that is a number is its digits.
MAX_CHANNEL_ID = 64
# How often at most agents are reminded of one customer who waits.
REMINDERS = 2


class Direction(models.TextChoices):
    """Who speaks; the values are on the wire."""

    INBOUND = "INBOUND", "From the customer"
    OUTBOUND = "OUTBOUND", "To the customer"


class Agent(TenantOwned):
    """A person who answers. Exists from their first act in the channel, registered or not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Their identity in the channel, such as a Telegram user id.
    channel_user_id = models.CharField(max_length=MAX_CHANNEL_ID)
    # What the channel calls them; for other agents' eyes only.
    channel_name = models.CharField(max_length=160, blank=True)
    # What customers see; empty until it is registered.
    display_name = models.CharField(max_length=64, blank=True)
    is_enabled = models.BooleanField(default=True)
    # Several people write under this identity, and which of them does cannot be known.
    is_anonymous = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel_user_id"], name="agent_once_per_channel_user"
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="agent_in_tenant"),
        ]

    def __str__(self) -> str:
        return self.internal_name

    @property
    def public_name(self) -> str:
        """The name that customers may see, or an empty text."""
        return self.display_name if self.is_enabled and not self.is_anonymous else ""

    @property
    def internal_name(self) -> str:
        """A name for colleagues, never empty."""
        return self.display_name or self.channel_name or f"Agent {self.channel_user_id}"


class Conversation(TenantOwned):
    """One thread between a customer and a tenant's agents. Its id is a capability."""

    id = models.UUIDField(primary_key=True, default=new_capability_id, editable=False)
    codename = models.CharField(max_length=48)
    customer_name = models.CharField(max_length=32, blank=True)
    about_note = models.TextField(max_length=2000, blank=True)
    locale = models.CharField(max_length=35, default="default")
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN_UNCLAIMED)
    # Enforced by the database together with the tenant: see the migration.
    assigned_agent = models.ForeignKey(
        Agent,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # When the present holder got it; names one claim among several.
    claimed_at = models.DateTimeField(null=True, blank=True)
    # Where the agents see it: a channel of the tenant and the thread in its group.
    channel_id = models.UUIDField(null=True, blank=True)
    thread_id = models.CharField(max_length=MAX_CHANNEL_ID, null=True, blank=True)  # noqa: DJ001
    # The number of its newest message.
    last_seq = models.PositiveIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_customer_at = models.DateTimeField(null=True, blank=True)
    last_agent_at = models.DateTimeField(null=True, blank=True)
    # The customer's first message that nobody has taken on yet; reminders count from here.
    waiting_since = models.DateTimeField(null=True, blank=True)
    # How many of the reminders about this wait are behind it; starts anew with the next wait.
    reminders_sent = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Receipts, each up to a seq: which of the customer's messages the agents' channel has accepted
    # and agents have seen, and which of ours the customer's widget has got and the customer seen.
    agents_delivered_seq = models.PositiveIntegerField(default=0, db_default=0)
    agents_seen_seq = models.PositiveIntegerField(default=0, db_default=0)
    customer_delivered_seq = models.PositiveIntegerField(default=0, db_default=0)
    customer_seen_seq = models.PositiveIntegerField(default=0, db_default=0)
    # When it was closed, while it is; retention counts from here.
    closed_at = models.DateTimeField(null=True, blank=True)
    # Since when it must not be deleted by anyone, and why; absent and empty without a legal hold.
    legal_hold_since = models.DateTimeField(null=True, blank=True)
    legal_hold_reason = models.CharField(max_length=200, blank=True, db_default="")
    # From where its customer has come last, as `bans.marks` writes it; empty where not known.
    network_mark = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "id"], name="conversation_in_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "channel_id", "thread_id"],
                name="conversation_once_per_thread",
                condition=models.Q(thread_id__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "-updated_at"], name="conversation_recent"),
            models.Index(fields=["tenant", "status", "-updated_at"], name="conversation_by_status"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="conversation_newest"),
            # Two, for the database sorts anew what it finds under no agent.
            models.Index(
                fields=["tenant", "assigned_agent", "-created_at", "-id"],
                name="conversation_by_agent",
                condition=models.Q(assigned_agent__isnull=False),
            ),
            models.Index(
                fields=["tenant", "-created_at", "-id"],
                name="conversation_of_nobody",
                condition=models.Q(assigned_agent__isnull=True),
            ),
            models.Index(
                fields=["tenant", "locale", "-created_at", "-id"], name="conversation_by_locale"
            ),
            models.Index(
                fields=["tenant", "codename"],
                name="conversation_without_thread",
                condition=models.Q(thread_id__isnull=True),
            ),
            # What reminders can be due for: a handful of rows among however many.
            models.Index(
                fields=["tenant", "reminders_sent", "waiting_since"],
                name="conversation_to_remind_of",
                condition=models.Q(waiting_since__isnull=False, reminders_sent__lt=REMINDERS),
            ),
            # What retention deletes, the longest closed first.
            models.Index(
                fields=["tenant", "closed_at"],
                name="conversation_to_delete",
                condition=models.Q(status=Status.CLOSED, legal_hold_since__isnull=True),
            ),
            models.Index(
                fields=["tenant", "-created_at", "-id"],
                name="conversation_on_legal_hold",
                condition=models.Q(legal_hold_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What agents call it: the codename, after the customer's name where there is one."""
        return f"{self.customer_name} — {self.codename}" if self.customer_name else self.codename

    @property
    def customer_label(self) -> str:
        """How a customer's message is signed for agents."""
        return self.customer_name or self.codename

    @property
    def is_on_legal_hold(self) -> bool:
        """Whether it must not be deleted, by retention or by a person."""
        return self.legal_hold_since is not None

    @property
    def is_claimed(self) -> bool:
        """Whether an agent has it, so that agents' texts reach the customer."""
        return self.status in CLAIMED_STATUSES


class ConversationWord(TenantOwned):
    """A word by which a conversation is found, as `words.words_of` writes it."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # In the order of its bytes, so that those with one beginning stand together.
    word = models.CharField(max_length=64, db_collation="C")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "conversation", "word"], name="word_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "word", "conversation"], name="word_begins")
        ]

    def __str__(self) -> str:
        return self.word


class Message(TenantOwned):
    """One text, numbered within its conversation; empty where only files were sent.

    Of one that was deleted, the number and the times stay, and nothing that was said.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="messages",
        db_index=False,
    )
    seq = models.PositiveIntegerField()
    direction = models.CharField(max_length=8, choices=Direction)
    text = models.TextField()
    # The label as it was when it was said; empty stands for the tenant's support label.
    agent_name = models.CharField(max_length=64, blank=True)
    agent = models.ForeignKey(
        Agent,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Set on texts that the product itself has said.
    template_key = models.CharField(max_length=40, blank=True)
    # The sender's own name for it: the same one again is the same message.
    client_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 (unique or absent)
    # What is shown of its files, see `conversations.attached`; null without any.
    attachments = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "id"], name="message_in_tenant"),
            models.UniqueConstraint(
                fields=["tenant", "conversation", "seq"], name="message_seq_in_conversation"
            ),
            models.UniqueConstraint(
                fields=["tenant", "conversation", "client_id"],
                name="message_client_id_once",
                condition=models.Q(client_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} #{self.seq}"


class Remark(TenantOwned):
    """What agents say to each other about a conversation. No customer ever sees one.

    Not a message of another direction: whatever reads messages cannot show it by mistake.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="remarks",
        db_index=False,
    )
    # None: a program has made it, without naming an agent.
    agent = models.ForeignKey(
        Agent,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    text = models.TextField()
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["tenant", "conversation", "created_at", "id"],
                name="remark_in_conversation",
            ),
            # For the rows that a deleted agent leaves.
            models.Index(
                fields=["tenant", "agent"],
                name="remark_by_agent",
                condition=models.Q(agent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"remark of {self.created_at}"


class SystemMessageSent(TenantOwned):
    """When a rate-limited system message was last sent in a conversation."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    key = models.CharField(max_length=40)
    sent_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "conversation", "key"], name="system_message_once"
            )
        ]

    def __str__(self) -> str:
        return self.key


class UsedSocketToken(TenantOwned):
    """A one-connection token that has had its connection."""

    jti = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "expires_at"], name="socket_token_by_age"),
            models.Index(fields=["expires_at"], name="socket_token_expired"),
        ]

    def __str__(self) -> str:
        return str(self.jti)


# Django looks for models in this module only.
import conversations.bans.models  # noqa: E402
import conversations.identity.models  # noqa: E402
import conversations.sessions.models  # noqa: E402
import conversations.visitors.models  # noqa: E402, F401
