"""A tenant's own words: for system messages, what the widget says, and what agents often say."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from templates_i18n.keys import Template, TemplateKey
from tenants.models import TenantOwned


class MessageTemplate(TenantOwned):
    """The text and delivery of one system message in one locale (`default`, `lv`, `pt-br` …)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=40, choices=TemplateKey)
    locale = models.CharField("language", max_length=35, default="default")
    text = models.TextField(max_length=4000)
    enabled = models.BooleanField(default=True)
    to_customer_ws = models.BooleanField("as a note in the widget", default=False)
    to_customer_persist = models.BooleanField("as a message that stays", default=False)
    to_agents = models.BooleanField("to the agents' topic", default=False)
    pin = models.BooleanField("pinned there", default=False)
    rate_limit_seconds = models.PositiveIntegerField(
        "at most once per so many seconds and conversation", default=0
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "message text"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "locale", "key"], name="template_once_per_locale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_key_display()} ({self.locale})"

    def as_template(self) -> Template:
        """The value that the rest of the product works with."""
        return Template(
            key=TemplateKey(self.key),
            text=self.text,
            enabled=self.enabled,
            to_customer_ws=self.to_customer_ws,
            to_customer_persist=self.to_customer_persist,
            to_agents=self.to_agents,
            pin=self.pin,
            rate_limit_seconds=self.rate_limit_seconds,
        )


class Translation(TenantOwned):
    """The tenant's own text for one of the widget's strings in one locale."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    locale = models.CharField("language", max_length=35, default="default")
    # One of the widget's catalog, or another plural form of it (`charactersLeft_few`).
    key = models.CharField("string", max_length=80)
    text = models.TextField(max_length=500)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "widget text"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "locale", "key"], name="translation_once_per_locale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.locale})"


class SavedReply(TenantOwned):
    """What agents often answer, in one locale; they send it by its name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # As agents type it, in lower case.
    name = models.CharField(max_length=32)
    locale = models.CharField("language", max_length=35, default="default")
    text = models.TextField(max_length=3000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "saved reply"
        verbose_name_plural = "saved replies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tenant", "name", "locale"], name="saved_reply_once_per_locale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.locale})"
