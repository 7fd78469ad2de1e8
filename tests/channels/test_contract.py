"""What every channel has to do: the same story in Telegram and on paper."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from conversations import channels
from conversations.channels import ChannelState
from outbox.models import OutboxItem
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant
from tests.channels.paper import Paper, open_paper
from tests.channels.sides import PaperSide, Side, TelegramSide


@pytest.fixture
def paper(committed_db: None) -> Iterator[Paper]:
    """The second channel, with a tenant of its own."""
    tenant = create_tenant(slug=f"paper-{uuid4().hex[:12]}", name="Paper", actor=SYSTEM)
    with open_paper(tenant) as opened:
        yield opened


@pytest.fixture(params=["telegram", "paper"])
def side(request: pytest.FixtureRequest, default_tenant: Tenant) -> Side:
    """A conversation in which the customer has said "hello"."""
    if request.param == "telegram":
        return TelegramSide.open(request.getfixturevalue("stage"), default_tenant)
    return PaperSide.open(request.getfixturevalue("paper"))


def test_what_the_customer_writes_arrives_in_order(side: Side) -> None:
    lines = [f"line {number}" for number in range(8)]
    for line in lines:
        side.customer_writes(line)
    assert side.customer_lines() == ["hello", *lines]


def test_an_answer_before_a_claim_reaches_nobody_and_the_agent_learns_why(side: Side) -> None:
    side.answer("Ana", "not for you yet")
    assert "not for you yet" not in side.customer_reads()
    assert side.status == "OPEN_UNCLAIMED"
    assert side.agents_are_told("laim")


def test_after_a_claim_an_answer_arrives_once(side: Side) -> None:
    side.claim("Ana")
    side.answer("Ana", "good day")
    assert side.customer_reads().count("good day") == 1
    assert side.status == "AWAITING_CUSTOMER"


def test_an_edit_changes_what_the_customer_reads(side: Side) -> None:
    if not side.channel.capabilities.edits:
        pytest.skip("the channel knows no edits")
    side.claim("Ana")
    answer = side.answer("Ana", "teh answer")
    side.edit("Ana", answer, "the answer")
    assert "the answer" in side.customer_reads()
    assert "teh answer" not in side.customer_reads()


def test_a_customer_who_writes_after_the_end_opens_it_again(side: Side) -> None:
    side.claim("Ana")
    side.close("Ana")
    assert side.status == "CLOSED"
    side.customer_writes("one more thing")
    assert side.customer_lines()[-1] == "one more thing"
    assert side.status == "OPEN_UNCLAIMED"


def test_a_deleted_conversation_goes_there_too(side: Side) -> None:
    assert side.customer_lines() == ["hello"]
    side.delete()
    side.wait_until_gone()


def test_a_channel_says_how_it_is(side: Side) -> None:
    with tenant_scope(side.tenant.pk) as tenant:
        assert side.channel.status(tenant=tenant).state == ChannelState.WORKING


def test_a_channel_that_is_not_set_up_says_so(paper: Paper, acme: Tenant) -> None:
    paper.is_open = False
    for tenant in (paper.tenant, acme):
        with tenant_scope(tenant.pk) as scoped:
            status = channels.channel_of(scoped).status(tenant=scoped)
        assert status.state == ChannelState.NOT_CONFIGURED


def test_each_tenant_has_its_own_channel(paper: Paper, acme: Tenant) -> None:
    side = PaperSide.open(paper)
    assert side.customer_lines() == ["hello"]
    with tenant_scope(paper.tenant.pk):
        assert set(OutboxItem.objects.values_list("kind", flat=True)) == {paper.kind.name}
    assert channels.channel_of(acme).code == "telegram"


def test_two_channels_of_one_name_are_refused(paper: Paper) -> None:
    with pytest.raises(ValueError, match="two channels are called paper"):
        channels.register(Paper(paper.tenant))
