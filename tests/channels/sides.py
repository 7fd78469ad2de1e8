"""A conversation in a channel, driven and seen from both sides, whatever the channel is."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from channels_telegram.tests.cases import Case, open_case
from conversations import selectors, services
from conversations.channels import Channel, channel_of
from conversations.models import Conversation, Message
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.channels.paper import Paper
from tests.conftest import Stage
from tests.operator import operator_of


class Side(Protocol):
    """One conversation; what agents and the customer do, and what each of them sees."""

    @property
    def tenant(self) -> Tenant: ...

    @property
    def channel(self) -> Channel: ...

    def customer_writes(self, text: str) -> None: ...

    def customer_reads(self) -> list[str]: ...

    def customer_lines(self) -> list[str]:
        """What agents see of the customer, once the last line has arrived."""
        ...

    def agents_are_told(self, text: str) -> bool:
        """Whether agents see something that contains this."""
        ...

    def claim(self, agent: str) -> None: ...

    def answer(self, agent: str, text: str) -> object:
        """Returns what `edit` takes."""
        ...

    def edit(self, agent: str, answer: object, text: str) -> None: ...

    def close(self, agent: str) -> None: ...

    def delete(self) -> None: ...

    def wait_until_gone(self) -> None:
        """Return when agents see nothing of the conversation any more."""
        ...

    @property
    def status(self) -> str: ...


@dataclass
class TelegramSide:
    """Over HTTP on both sides: processes of the product, and the simulated Telegram."""

    tenant: Tenant
    case: Case
    written: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, stage: Stage, tenant: Tenant) -> "TelegramSide":
        """A customer has said "hello"."""
        return cls(tenant, open_case(stage, "hello"), ["hello"])

    @property
    def channel(self) -> Channel:
        return channel_of(self.tenant)

    def customer_writes(self, text: str) -> None:
        self.case.customer.send(text)
        self.written.append(text)

    def customer_reads(self) -> list[str]:
        self.case.settled()
        return self.case.history()

    def customer_lines(self) -> list[str]:
        self.case.told(f": {self.written[-1]}")
        return self.case.customer_lines()

    def agents_are_told(self, text: str) -> bool:
        self.case.told(text)
        return True

    def claim(self, agent: str) -> None:
        self.case.claim(agent)

    def answer(self, agent: str, text: str) -> object:
        written = self.case.write(agent, text)
        self.case.settled()
        return written.message_id

    def edit(self, agent: str, answer: object, text: str) -> None:
        assert isinstance(answer, int)
        self.case.stage.group.edit(agent, answer, text)
        self.case.settled()

    def close(self, agent: str) -> None:
        self.case.write(agent, "/close")
        self.case.wait_for_status("CLOSED")

    def delete(self) -> None:
        operator = operator_of(self.case.stage)
        operator.post(
            "/v1/admin/conversations/bulk-delete", ids=[self.case.customer.conversation_id]
        )

    def wait_until_gone(self) -> None:
        simulator, thread_id = self.case.stage.simulator, self.case.thread_id
        simulator.wait_for_call("deleteForumTopic", thread_id=thread_id, status=200)

    @property
    def status(self) -> str:
        self.case.settled()
        return self.case.status


@dataclass
class PaperSide:
    """In this process: services, real rows and the outbox's dispatcher."""

    paper: Paper
    conversation_id: UUID

    @classmethod
    def open(cls, paper: Paper) -> "PaperSide":
        """A customer has said "hello"."""
        with tenant_scope(paper.tenant.pk) as tenant:
            conversation = services.start_conversation(
                tenant=tenant, customer_name="Milton", locale="en"
            )
        side = cls(paper, conversation.pk)
        side.customer_writes("hello")
        return side

    @property
    def tenant(self) -> Tenant:
        return self.paper.tenant

    @property
    def channel(self) -> Channel:
        return channel_of(self.tenant)

    def customer_writes(self, text: str) -> None:
        with tenant_scope(self.tenant.pk) as tenant:
            services.add_customer_message(
                tenant=tenant, conversation_id=self.conversation_id, text=text
            )

    def customer_reads(self) -> list[str]:
        with tenant_scope(self.tenant.pk) as tenant:
            conversation = self._conversation(tenant)
            found = selectors.list_messages(tenant=tenant, conversation=conversation)
            return [message.text for message in found]

    def customer_lines(self) -> list[str]:
        slips = self.paper.delivered(self.conversation_id)
        return [slip.removeprefix("customer: ") for slip in slips if slip.startswith("customer: ")]

    def agents_are_told(self, text: str) -> bool:
        return any(text in slip for slip in self.paper.delivered(self.conversation_id))

    def claim(self, agent: str) -> None:
        self.paper.claim(agent, self.conversation_id)

    def answer(self, agent: str, text: str) -> object:
        return self.paper.answer(agent, self.conversation_id, text)

    def edit(self, agent: str, answer: object, text: str) -> None:
        assert isinstance(answer, Message)
        self.paper.edit(agent, answer, text)

    def close(self, agent: str) -> None:
        self.paper.close(agent, self.conversation_id)

    def delete(self) -> None:
        with tenant_scope(self.tenant.pk) as tenant:
            services.delete_conversation(
                tenant=tenant, conversation_id=self.conversation_id, actor=SYSTEM
            )

    def wait_until_gone(self) -> None:
        assert self.paper.delivered(self.conversation_id) == []

    @property
    def status(self) -> str:
        with tenant_scope(self.tenant.pk) as tenant:
            return self._conversation(tenant).status

    def _conversation(self, tenant: Tenant) -> Conversation:
        return selectors.get_conversation(tenant=tenant, conversation_id=self.conversation_id)
