"""What follows from the bot's standing, by table."""

from dataclasses import replace

import pytest
from django.db import OperationalError

from channels_telegram import watching
from channels_telegram.channels import find_channel
from channels_telegram.standing import RIGHTS, Standing
from channels_telegram.updates import ChatMember
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.conftest import Stage

ALL = dict.fromkeys(RIGHTS, True)


def standing(status: str, **more: bool) -> Standing:
    return Standing(hears_all=False, has_topics=True).with_member(ChatMember(status, **more))


@pytest.mark.parametrize(
    ("seen", "is_held", "may_manage", "is_well"),
    [
        (Standing(), False, True, True),
        (standing("creator"), False, True, True),
        (standing("administrator", **ALL), False, True, True),
        (standing("administrator"), False, False, False),
        (standing("administrator", **(ALL | {"can_manage_topics": False})), False, False, False),
        (standing("administrator", **(ALL | {"can_pin_messages": False})), False, True, False),
        (standing("administrator", **(ALL | {"can_delete_messages": False})), False, True, False),
        (standing("member"), False, False, False),
        (standing("restricted"), False, False, False),
        (standing("restricted", can_send_messages=False), True, False, False),
        (standing("restricted", is_member=False), True, False, False),
        (standing("left"), True, False, False),
        (standing("kicked"), True, False, False),
        (Standing("administrator", has_topics=False), True, True, False),
        # A word that Telegram has not said yet says nothing against the bot.
        (standing("of_tomorrow"), False, True, True),
    ],
)
def test_what_follows(seen: Standing, is_held: bool, may_manage: bool, is_well: bool) -> None:
    assert seen.is_held is is_held
    assert seen.may_manage_topics is may_manage
    assert (seen.problem is None) is is_well
    assert len(seen.problem or "") <= 300, "the reason of a hold"


def test_the_right_to_delete_is_a_matter_of_its_own() -> None:
    seen = standing("administrator", can_manage_topics=True)
    assert seen.rights_problem == (
        "The bot may not pin messages: reminders are not pinned. Give it this right in the "
        "group's list of administrators."
    )
    assert seen.deleting_problem is not None
    assert seen.problem is not None
    assert "pin messages and delete messages" in seen.problem
    plain = standing("member")
    assert plain.rights_problem == plain.deleting_problem == plain.problem


@pytest.mark.parametrize("of", ["post", "topic"])
def test_an_accepted_post_is_no_failure_when_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, stage: Stage, default_tenant: Tenant, of: str
) -> None:
    def fail(**_: object) -> None:
        raise OperationalError("the database is away")

    with tenant_scope(default_tenant.pk) as scoped:
        channel = find_channel(tenant=scoped)
    assert channel is not None
    monkeypatch.setattr(watching, "request_look", fail)
    watching.note_success(replace(channel, standing=standing("left")), of=of)
