"""Both sides compared: what people were told, and what is there."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from channels_telegram import texts
from telegram_simulator.seen import SeenCall
from tests.chaos.people import Agent, Answer, Visitor, Watcher, history_of
from tests.chaos.world import LEASE_SECONDS, READ_TIMEOUT_SECONDS, Shop, World

_GENEROSITY_SECONDS = 2.0


@dataclass
class Happened:
    """A fault that was, by the clock."""

    name: str
    began: float
    ended: float
    is_ambiguous: bool

    def may_hide_the_answer_to(self, call: SeenCall) -> bool:
        """Whether the product cannot have known, or kept, what came of the call."""
        lasted = self.ended - self.began
        return (self.is_ambiguous or lasted > LEASE_SECONDS / 2) and (
            self.began - READ_TIMEOUT_SECONDS - _GENEROSITY_SECONDS
            <= call.at
            <= self.ended + _GENEROSITY_SECONDS
        )


@dataclass
class Audit:
    """What does not fit, and how much was compared."""

    world: World
    happened: list[Happened]
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def compare(self, visitors: list[Visitor], agents: list[Agent]) -> None:
        """Look at every shop."""
        calls = self.world.simulator.calls("sendMessage")
        for agent in agents:
            own = [visitor for visitor in visitors if visitor.slug == agent.shop.slug]
            self._compare_shop(agent.shop, own, agent, calls)
        left = self.world.open_items()
        if left:
            self.problems.append(f"left in the outbox: {left[:10]}")
        for violation in self.world.simulator.violations():
            self.problems.append(f"Telegram was asked wrongly: {violation}")

    def watch(self, watchers: list[Watcher]) -> None:
        """Each second window has shown each message once, in order."""
        for watcher in watchers:
            self.counts["frames"] += len(watcher.seen)
            stored = [(m["seq"], m["id"]) for m in history_of(watcher.customer)]
            if watcher.seen != stored:
                self.problems.append(
                    f"{watcher.name}: saw {[seq for seq, _ in watcher.seen]} of {len(stored)}"
                )

    def _compare_shop(
        self, shop: Shop, visitors: list[Visitor], agent: Agent, calls: list[SeenCall]
    ) -> None:
        answers = defaultdict(list)
        for answer in agent.answers:
            answers[answer.conversation_id].append(answer)
        topics = _topics(shop)
        posts = defaultdict(list)
        for call in calls:
            if (call.chat_id, call.thread_id) in topics and _had_effect(call):
                posts[str(call.params["text"]).partition(": ")[2]].append(call)
        for visitor in visitors:
            history = history_of(visitor.customer)
            self._compare_history(visitor, history, answers[visitor.customer.conversation_id])
            self._compare_posts(visitor, posts, topics)
        written = {text for visitor in visitors for text in (*visitor.accepted, *visitor.unsure)}
        for text in posts:
            if " line " in text and text not in written:
                self.problems.append(f"{shop.slug}: {text!r} of another tenant was posted here")

    def _compare_history(
        self, visitor: Visitor, history: list[dict[str, Any]], answers: list[Answer]
    ) -> None:
        name = visitor.name
        seqs = [message["seq"] for message in history]
        if seqs != list(range(1, len(seqs) + 1)):
            self.problems.append(f"{name}: the numbers have gaps: {seqs}")
        inbound = [m["text"] for m in history if m["direction"] == "INBOUND"]
        self.counts["accepted"] += len(visitor.accepted)
        self.counts["given up"] += len(visitor.unsure)
        known = [text for text in inbound if text not in visitor.unsure]
        if known != visitor.accepted:
            self.problems.append(f"{name}: {_difference(visitor.accepted, known)}")
        doubled = [text for text in visitor.unsure if inbound.count(text) > 1]
        if doubled:
            self.problems.append(f"{name}: stored twice: {doubled}")
        outbound = Counter(m["text"] for m in history if m["direction"] == "OUTBOUND")
        for answer in answers:
            self.counts["answers"] += 1
            times = outbound.pop(answer.text, 0)
            if times == 0 and not answer.is_for_bot:
                self.counts["answers without a bot"] += 1
            elif times == 0 and _is_explained(answer):
                self.counts["answers explained in the topic"] += 1
            elif times != 1:
                self.problems.append(f"{name}: {answer.text!r} is there {times} times")
        foreign = [text for text in outbound if " answer " in text]
        if foreign:
            self.problems.append(f"{name}: answers for others: {foreign}")

    def _compare_posts(
        self,
        visitor: Visitor,
        posts: dict[str, list[SeenCall]],
        topics: dict[tuple[int, int], str],
    ) -> None:
        first = []
        for text in (*visitor.accepted, *visitor.unsure):
            copies = posts.get(text, [])
            self.counts["posts"] += len(copies)
            for copy in copies:
                title = topics[copy.chat_id, copy.thread_id]
                if visitor.customer.codename not in title:
                    self.problems.append(f"{text!r} was posted in {title!r}")
            if text in visitor.unsure:
                continue
            if not copies:
                self.problems.append(f"{text!r} was not posted")
                continue
            first.append((copies[0].seq, text))
            for copy in copies[:-1]:
                self.counts["posts again"] += 1
                if not any(fault.may_hide_the_answer_to(copy) for fault in self.happened):
                    self.problems.append(f"{text!r} was posted again for no reason")
        order = [text for _, text in sorted(first)]
        written = [text for text in visitor.accepted if text in set(order)]
        if order != written:
            self.problems.append(f"{visitor.name}: posted in the order {order}")


def _topics(shop: Shop) -> dict[tuple[int, int], str]:
    """The title of every topic that the shop has had."""
    return {
        (group.chat_id, topic.thread_id): topic.name
        for group in shop.groups
        for topic in (*group.topics(), *group.topics(deleted=True))
    }


def _had_effect(call: SeenCall) -> bool:
    """Whether the post is there, whatever its caller was told."""
    return call.message_id != 0


def _is_explained(answer: Answer) -> bool:
    """Whether the agent was told in the topic that the words reached nobody."""
    here = answer.group.texts(answer.message.thread_id)
    return texts.TOPIC_OF_NOBODY in here


def _difference(wanted: list[str], found: list[str]) -> str:
    missing = [text for text in wanted if text not in found]
    more = [text for text, times in Counter(found).items() if times > wanted.count(text)]
    if missing or more:
        return f"lost {missing}, too often {more}"
    return f"stored in another order: {found}"
