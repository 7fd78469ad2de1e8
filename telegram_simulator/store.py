"""Tables of records in memory, mirrored to the state file when there is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import assert_never

from telegram_simulator.journal import Journal
from telegram_simulator.records import (
    Bot,
    File,
    Forgotten,
    Group,
    Message,
    PendingUpdate,
    Record,
    Topic,
    User,
)

Place = tuple[int, int]
"""A chat id with a thread or message id."""


class Store:
    """All records by key. Every change goes through `put` or a `forget_…` method."""

    def __init__(self) -> None:
        self.users: dict[int, User] = {}
        self.bots: dict[int, Bot] = {}
        self.groups: dict[int, Group] = {}
        self.topics: dict[Place, Topic] = {}
        self.messages: dict[Place, Message] = {}
        self.files: dict[str, File] = {}
        self.updates: dict[int, dict[int, PendingUpdate]] = defaultdict(dict)
        self.in_thread: dict[Place, list[int]] = defaultdict(list)
        """Message ids of each thread, ascending."""
        self._journal: Journal | None = None

    def open(self, journal: Journal) -> None:
        """Take over what the state file holds and mirror every later change into it."""
        for record in journal.replay():
            if isinstance(record, Forgotten):
                self._forget(record)
            else:
                self._keep(record)
        journal.compact(self._all())
        self._journal = journal

    def close(self) -> None:
        if self._journal is not None:
            self._journal.compact(self._all())
            self._journal.close()
            self._journal = None

    def put(self, record: Record) -> None:
        """Store a new or changed record."""
        self._keep(record)
        if self._journal is not None:
            self._journal.append(record)

    def forget_message(self, message: Message) -> None:
        self._drop("message", [message.chat_id, message.message_id])

    def forget_update(self, update: PendingUpdate) -> None:
        self._drop("update", [update.bot_id, update.update_id])

    def forget_all(self) -> None:
        """Back to an empty Telegram."""
        for table in (self.users, self.bots, self.groups, self.topics, self.messages, self.files):
            table.clear()
        self.updates.clear()
        self.in_thread.clear()
        if self._journal is not None:
            self._journal.compact(self._all())

    def flush(self) -> None:
        """Make all changes so far survive the end of the process."""
        if self._journal is not None:
            self._journal.flush()
            if self._journal.wants_compaction:
                self._journal.compact(self._all())

    def thread(self, chat_id: int, thread_id: int) -> list[Message]:
        """Messages of one thread, oldest first."""
        return [self.messages[chat_id, i] for i in self.in_thread.get((chat_id, thread_id), ())]

    def topics_of(self, chat_id: int) -> list[Topic]:
        """Topics of a group that were not deleted, in order of creation."""
        return [
            topic
            for (chat, _), topic in self.topics.items()
            if chat == chat_id and not topic.is_deleted
        ]

    def _drop(self, table: str, key: list[int | str]) -> None:
        forgotten = Forgotten(table=table, key=key)
        self._forget(forgotten)
        if self._journal is not None:
            self._journal.append(forgotten)

    def _keep(self, record: Record) -> None:
        match record:
            case Message():
                self._keep_message(record)
            case PendingUpdate():
                self.updates[record.bot_id][record.update_id] = record
                if bot := self.bots.get(record.bot_id):
                    bot.next_update_id = max(bot.next_update_id, record.update_id + 1)
            case Topic():
                self.topics[record.chat_id, record.thread_id] = record
            case Group():
                self.groups[record.id] = record
            case User():
                self.users[record.id] = record
            case Bot():
                self.bots[record.id] = record
            case File():
                self.files[record.file_id] = record
            case Forgotten():
                raise TypeError("a Forgotten line is applied, not kept")
            case _:
                assert_never(record)

    def _keep_message(self, message: Message) -> None:
        key = (message.chat_id, message.message_id)
        if key not in self.messages:
            self.in_thread[message.chat_id, message.thread_id].append(message.message_id)
        self.messages[key] = message
        # The counter is derived here, so a new message costs one line of the state file, not two.
        group = self.groups.get(message.chat_id)
        if group is not None and group.next_message_id <= message.message_id:
            group.next_message_id = message.message_id + 1

    def _forget(self, forgotten: Forgotten) -> None:
        owner, number = int(forgotten.key[0]), int(forgotten.key[1])
        if forgotten.table == "update":
            self.updates[owner].pop(number, None)
        elif message := self.messages.pop((owner, number), None):
            self.in_thread[owner, message.thread_id].remove(number)

    def _all(self) -> Iterator[Record]:
        yield from self.users.values()
        yield from self.bots.values()
        yield from self.groups.values()
        yield from self.topics.values()
        yield from self.messages.values()
        yield from self.files.values()
        for queue in self.updates.values():
            yield from queue.values()
