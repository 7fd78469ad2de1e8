"""A tenant has not paid: its customers are told so in words, before they have sent for nothing."""

from datetime import datetime

from django.utils import timezone

from attachments.tests.sending import code_of, upload
from billing.models import BillingAccount
from billing.subscriptions.services import open_account
from tenants import configuration
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import Server, acme, new_server
from tests.attacks.test_limits_of_use import customer_of, sell

__all__ = ["acme", "new_server"]


def let_customers_only_read(server: Server, since: datetime | None) -> None:
    """As Stripe has said of the tenant; None: it has paid."""
    with tenant_scope(server.tenant.pk) as tenant:
        open_account(tenant=tenant, customer_id=f"cus_{tenant.pk.hex}")
        BillingAccount.objects.update(read_only_from=since)
        configuration.invalidate_configuration(tenant)


def test_the_first_widget_shows_why_nothing_gets_through(acme: Server) -> None:
    """It draws no errors, and an `info_note` is what it draws beside messages."""
    socket = customer_of(acme).socket()
    let_customers_only_read(acme, timezone.now())
    socket.say("Hello?")
    assert socket.next() == {"error": "over_limit"}
    note = socket.next()
    assert (note["type"], note["text"]) == (
        "info_note",
        "This chat takes no new messages at the moment. What was said stays here to read.",
    )
    let_customers_only_read(acme, None)
    socket.say("And now?")
    assert socket.next()["text"] == "And now?"


def test_it_shows_that_a_plan_is_used_up_too(acme: Server) -> None:
    sell(acme, max_messages_per_month=1)
    socket = customer_of(acme).socket()
    socket.say("One")
    assert socket.next()["text"] == "One"
    socket.say("Two")
    socket.next_where(error="over_limit")
    assert socket.next()["text"] == "No more messages can be taken at the moment."


def test_a_file_is_refused_before_it_is_looked_at(acme: Server) -> None:
    """What it is would be told otherwise: nobody takes this kind."""
    customer = customer_of(acme)
    let_customers_only_read(acme, timezone.now())
    assert code_of(upload(customer, b"MZ\x90\0", "game.exe")) == (402, "tenant_read_only")
