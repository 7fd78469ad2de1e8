"""A tenant's Telegram group, its topics, and what has come in from it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.utils import timezone

from conversations.models import Conversation, Message
from kernel.ids import new_id
from tenants.crypto.sealed_fields import SealedTextField
from tenants.models import TenantOwned


class TelegramChannel(TenantOwned):
    """One bot in one forum group. Secrets are sealed; look-ups go by keyed hash.

    A tenant has one group. The oldest row is the channel itself, as conversations name it, with the
    bot that hears the group; further rows are bots that help to post there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bot_id = models.BigIntegerField()
    bot_username = models.CharField(max_length=64, blank=True)
    # The group; Telegram changes the id when a group is upgraded.
    chat_id = models.BigIntegerField()
    # The id as it was entered: entering it again must not undo an upgrade.
    configured_chat_id = models.BigIntegerField()
    bot_token_sealed = SealedTextField(place=("telegram_channel", "bot_token"))
    bot_token_hash = models.CharField(max_length=64, editable=False, db_default="")
    webhook_secret_sealed = SealedTextField(place=("telegram_channel", "webhook_secret"))
    webhook_secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    header_secret_sealed = SealedTextField(place=("telegram_channel", "header_secret"), blank=True)
    is_active = models.BooleanField(default=True)
    # Telegram has refused the bot's token since it was entered.
    is_token_refused = models.BooleanField(default=False, db_default=False)
    # What the bot is in the group, in Telegram's word; empty until Telegram has said it.
    bot_status = models.CharField(max_length=16, blank=True, db_default="")
    # What an admin of ours lacks, such as `can_manage_topics`.
    missing_rights = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    # False for a restricted member who may only read.
    may_write = models.BooleanField(default=True, db_default=True)
    # Privacy mode is off: the bot hears all messages as a plain member, too.
    hears_all = models.BooleanField(null=True)
    has_topics = models.BooleanField(null=True)
    # Telegram's time and number of the newest update about the bot's standing.
    standing_date = models.BigIntegerField(default=0, db_default=0)
    standing_update_id = models.BigIntegerField(default=0, db_default=0)
    # When Telegram was last asked about all of this, and answered.
    standing_checked_at = models.DateTimeField(null=True)
    # PUBLIC_ORIGIN as Telegram was last given it for the webhook.
    webhook_origin = models.CharField(max_length=300, blank=True, db_default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "id"], name="channel_in_tenant"),
            # Two conversations queues for one bot and group would fight over its budget. By the
            # token, which is the bot: its id, which everybody can see, must not reserve a group.
            # Partial, though every group's id is negative: in a full unique index the id counts as
            # a key, and adopting a new one waits for each transaction that refers to the channel.
            models.UniqueConstraint(
                fields=["bot_token_hash", "chat_id"],
                condition=models.Q(chat_id__lt=0) & ~models.Q(bot_token_hash=""),  # nosec B106
                name="channel_token_and_chat_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bot_username or self.bot_id} in {self.chat_id}"


class Topic(TenantOwned):
    """What Telegram shows of one conversation, as far as we know."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Which topic all of this is about: what Telegram answers about another one is not noted here.
    chat_id = models.BigIntegerField(null=True)
    thread_id = models.BigIntegerField(null=True)
    # Which bot posts there, where a group has several.
    bot_id = models.BigIntegerField(null=True)
    # The title as last accepted by Telegram, so that a change that changes nothing is not sent.
    title = models.CharField(max_length=128, blank=True)
    controls_message_id = models.BigIntegerField(null=True, blank=True)
    is_closed = models.BooleanField(default=False)
    # The reminder that is pinned, or about to be, until an agent claims.
    pinned_reminder_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "conversation"], name="topic_once_per_conversation"
            )
        ]

    def __str__(self) -> str:
        return self.title


class FormerTopic(TenantOwned):
    """A topic that was a conversation's, for what agents wrote there and Telegram brings late."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        TelegramChannel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    chat_id = models.BigIntegerField()
    thread_id = models.BigIntegerField()
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    ended_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "chat_id", "thread_id"], name="former_topic_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ended_at"], name="former_topic_by_age"),
            # For the rows that go with a deleted conversation.
            models.Index(fields=["tenant", "conversation"], name="former_topic_by_conversation"),
        ]

    def __str__(self) -> str:
        return str(self.thread_id)


class InboxUpdate(TenantOwned):
    """An update that has acted; the same one again does nothing."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        TelegramChannel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Each bot numbers its updates for itself, and a channel may change its bot.
    bot_id = models.BigIntegerField()
    update_id = models.BigIntegerField()
    has_failed = models.BooleanField(default=False)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "bot_id", "update_id"],
                name="inbox_update_once_per_bot",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["received_at"], name="inbox_by_age")
        ]

    def __str__(self) -> str:
        return str(self.update_id)


class MessageLink(TenantOwned):
    """Which of our messages an agent's Telegram message became, for its later edits."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        TelegramChannel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    chat_id = models.BigIntegerField()
    telegram_message_id = models.BigIntegerField()
    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "chat_id", "telegram_message_id"],
                name="message_link_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tenant", "message"], name="message_link_by_message")
        ]

    def __str__(self) -> str:
        return str(self.telegram_message_id)


class TopicNotice(TenantOwned):
    """What the bot has told the agents of a conversation, and need not repeat at once.

    The rows go when the conversation's state changes: what is true then is told anew. Those that
    say which albums are for colleagues stay as long as the conversation.
    """

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    # Which notice it is, as `notices` names them.
    kind = models.CharField(max_length=64)
    posted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "conversation", "kind"], name="topic_notice_once"
            )
        ]

    def __str__(self) -> str:
        return self.kind


class UnsentMessage(TenantOwned):
    """An agent's message that did not reach the customer, for its later edits."""

    class Reason(models.TextChoices):
        """Why it was not sent."""

        STATE = "state", "Nobody had claimed, or closed, or blocked"
        CONTENT = "content", "The customer cannot be shown it"
        COMMAND = "command", "A command, which was done"
        UNKNOWN_COMMAND = "unknown_command", "A command that does not exist"
        ANONYMOUS = "anonymous", "Anonymous admins may not answer"
        REMARK = "remark", "For colleagues"

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        TelegramChannel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    chat_id = models.BigIntegerField()
    telegram_message_id = models.BigIntegerField()
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(max_length=16, choices=Reason)
    # Of its words: Telegram reports edits that change none of them, such as a new link preview.
    words_hash = models.CharField(max_length=64)
    # The remark that was kept of it; it goes with the conversation, as this row does.
    remark_id = models.UUIDField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "chat_id", "telegram_message_id"],
                name="unsent_message_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["received_at"], name="unsent_message_by_age"),
            # For the rows that go with a deleted conversation.
            models.Index(fields=["tenant", "conversation"], name="unsent_by_conversation"),
        ]

    def __str__(self) -> str:
        return str(self.telegram_message_id)


class StrayTopic(TenantOwned):
    """A topic of the group that belongs to no conversation, where agents were told so.

    Kept as long as the channel: it is told once. There are as many as agents make topics by hand.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(
        TelegramChannel,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
        db_index=False,
    )
    chat_id = models.BigIntegerField()
    thread_id = models.BigIntegerField()
    # When the hint is due: hints are spread out.
    hinted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "channel", "chat_id", "thread_id"], name="stray_topic_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            # When there is room for the next hint.
            models.Index(fields=["tenant", "channel", "hinted_at"], name="stray_topic_by_age")
        ]

    def __str__(self) -> str:
        return str(self.thread_id)
