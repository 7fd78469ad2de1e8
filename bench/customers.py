"""The people of the bench: customers with conversations, and the agent who answers in Telegram."""

import itertools
import json
import time
from dataclasses import dataclass

from bench import load
from bench.http import Answer, Client, LoadFailed, post_request
from bench.stage import CHAT_ID, HEADER_SECRET, WEBHOOK_SECRET, Stage

AGENT = {"id": 7001, "is_bot": False, "first_name": "Ana"}
_WEBHOOK_PATH = f"/v1/telegram/webhook/{WEBHOOK_SECRET}"
_WEBHOOK_HEADERS = (("X-Telegram-Bot-Api-Secret-Token", HEADER_SECRET),)
# Far from the simulator's own numbers; unique over all scenarios of a run.
_update_ids = itertools.count(int(time.time() * 1000))
_message_ids = itertools.count(10_000_000)


@dataclass(slots=True)
class Customer:
    """A customer with a conversation; `thread_id` once it has a topic."""

    conversation_id: str
    token: str
    thread_id: int = 0

    def message(self, text: str) -> bytes:
        """The request that sends a text."""
        return post_request(
            f"/v1/conversations/{self.conversation_id}/messages",
            {"text": text},
            (("Authorization", f"Bearer {self.token}"),),
        )

    @property
    def socket_path(self) -> str:
        """Where their socket opens."""
        return f"/v1/ws?token={self.token}"


START = post_request("/v1/conversations/start", {"locale": "en"})


async def start_many(client: Client, count: int) -> list[Customer]:
    """So many customers, each with a conversation in which nothing has been said."""
    customers: list[Customer] = []

    async def start(_number: int) -> None:
        answer = checked(await client.exchange(START))
        started = json.loads(answer.body)
        customers.append(Customer(started["conversation_id"], started["token"]))

    await load.each(start, count=count, callers=16)
    return customers


async def give_topics(stage: Stage, client: Client, customers: list[Customer]) -> None:
    """Let everybody say a first word, and wait until each has a topic in the group."""
    await stage.use_worker(is_wanted=True)

    async def say_hello(number: int) -> None:
        checked(await client.exchange(customers[number].message("Hello")))

    await load.each(say_hello, count=len(customers), callers=16)
    await stage.settle()
    rows = stage.database.rows(
        "SELECT id::text, thread_id FROM conversations_conversation WHERE thread_id IS NOT NULL"
    )
    threads = {str(conversation): int(str(thread)) for conversation, thread in rows}
    for customer in customers:
        customer.thread_id = threads[customer.conversation_id]


async def claim_all(stage: Stage, client: Client, customers: list[Customer]) -> None:
    """The agent presses Claim in every topic."""

    async def claim(number: int) -> None:
        customer = customers[number]
        query: dict[str, object] = {
            "id": str(next(_update_ids)),
            "from": AGENT,
            "message": _in_topic(customer),
            "data": f"claim:{customer.conversation_id}",
        }
        checked(await client.exchange(_update("callback_query", query)))

    await load.each(claim, count=len(customers), callers=8)
    await stage.settle()


def agent_reply(customer: Customer, text: str) -> bytes:
    """The webhook call for a text that the agent has written in the customer's topic."""
    return _update("message", {**_in_topic(customer), "from": AGENT, "text": text})


def _in_topic(customer: Customer) -> dict[str, object]:
    return {
        "message_id": next(_message_ids),
        "date": int(time.time()),
        "chat": {"id": CHAT_ID, "type": "supergroup", "is_forum": True, "title": "Support"},
        "message_thread_id": customer.thread_id,
        "is_topic_message": True,
    }


def _update(kind: str, content: dict[str, object]) -> bytes:
    body = {"update_id": next(_update_ids), kind: content}
    return post_request(_WEBHOOK_PATH, body, _WEBHOOK_HEADERS)


def checked(answer: Answer) -> Answer:
    """The answer, which must be a 200; raises LoadFailed."""
    if answer.status != 200:
        raise LoadFailed(f"answered {answer.status}: {answer.body[:200]!r}")
    return answer
