"""A handle on one simulated group: act as its people, look at its topics, wait."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from telegram_simulator.client_http import Talk
from telegram_simulator.records import GENERAL, Json
from telegram_simulator.seen import SeenMessage, SeenPress, SeenTopic

Who = str | int
"""An agent's first name, or any user id."""


class SupportGroup:
    """A forum group with one bot and some agents."""

    def __init__(self, talk: Talk, chat_id: int, bot_id: int, agents: dict[str, int]) -> None:
        self.chat_id = chat_id
        self.bot_id = bot_id
        self.agents = agents
        self._talk = talk
        self._path = f"/groups/{chat_id}"

    def id_of(self, who: Who) -> int:
        return self.agents[who] if isinstance(who, str) else who

    # Acting

    def write(
        self,
        who: Who,
        text: str = "",
        thread_id: int = GENERAL,
        *,
        kind: str = "text",
        reply_to: int = 0,
        anonymous: bool = False,
        as_channel: int = 0,
        media_group_id: str = "",
        size: int = 0,
        file_name: str = "",
        data: bytes = b"",
        entities: Iterable[Json] = (),
    ) -> SeenMessage:
        """Write as a person; of another `kind` (sticker, photo, …) `text` is the caption.

        `data` are the bytes of a file, which are made up otherwise.

        `entities` is formatting as in the Bot API, such as a `text_link`.
        """
        order = {
            "user_id": self.id_of(who),
            "text": text,
            "thread_id": thread_id,
            "kind": kind,
            "reply_to": reply_to,
            "anonymous": anonymous,
            "as_channel": as_channel,
            "media_group_id": media_group_id,
            "size": size,
            "file_name": file_name,
            "data": b64encode(data).decode(),
            "entities": list(entities),
        }
        return self._talk.read(SeenMessage, "POST", f"{self._path}/messages", order)

    def report(
        self, who: Who, kind: str, content: Any = None, thread_id: int = GENERAL
    ) -> SeenMessage:
        """Do something that Telegram reports with a service message of this kind."""
        order = {
            "user_id": self.id_of(who),
            "kind": kind,
            "content": {} if content is None else content,
            "thread_id": thread_id,
        }
        return self._talk.read(SeenMessage, "POST", f"{self._path}/reports", order)

    def edit(
        self,
        who: Who,
        message_id: int,
        text: str,
        *,
        entities: Iterable[Json] = (),
        file_name: str = "",
        data: bytes = b"",
    ) -> SeenMessage:
        """Edit the words; with `data` the file, too."""
        order = {
            "user_id": self.id_of(who),
            "text": text,
            "entities": list(entities),
            "file_name": file_name,
            "data": b64encode(data).decode(),
        }
        return self._talk.read(SeenMessage, "PATCH", f"{self._path}/messages/{message_id}", order)

    def delete_message(self, message_id: int) -> None:
        self._talk.call("DELETE", f"{self._path}/messages/{message_id}")

    def press(
        self, who: Who, message_id: int, button: str = "", *, data: str = "", resend_of: str = ""
    ) -> SeenPress:
        """Press the button with this text; or send `data` as a client could; or press again."""
        order = {
            "user_id": self.id_of(who),
            "button": button,
            "data": data,
            "resend_of": resend_of,
        }
        path = f"{self._path}/messages/{message_id}/press"
        return self._talk.read(SeenPress, "POST", path, order)

    def react(self, who: Who, message_id: int, emoji: Iterable[str]) -> None:
        order = {"user_id": self.id_of(who), "emoji": list(emoji)}
        self._talk.call("POST", f"{self._path}/messages/{message_id}/react", order)

    def pin(self, who: Who, message_id: int) -> SeenMessage:
        order = {"user_id": self.id_of(who)}
        return self._talk.read(
            SeenMessage, "POST", f"{self._path}/messages/{message_id}/pin", order
        )

    def create_topic(self, who: Who, name: str) -> SeenTopic:
        order = {"user_id": self.id_of(who), "name": name}
        return self._talk.read(SeenTopic, "POST", f"{self._path}/topics", order)

    def close_topic(self, who: Who, thread_id: int) -> SeenTopic:
        return self._change_topic(who, thread_id, "close")

    def reopen_topic(self, who: Who, thread_id: int) -> SeenTopic:
        return self._change_topic(who, thread_id, "reopen")

    def rename_topic(self, who: Who, thread_id: int, name: str) -> SeenTopic:
        return self._change_topic(who, thread_id, "rename", name)

    def delete_topic(self, who: Who, thread_id: int) -> SeenTopic:
        return self._change_topic(who, thread_id, "delete")

    def set_member(
        self,
        who: Who,
        standing: str,
        *,
        rights: Iterable[str] | None = None,
        custom_title: str = "",
        can_send: bool = True,
        by: Who = 0,
    ) -> None:
        """administrator, member, restricted, left or kicked; `by` defaults to the first agent."""
        order = {
            "standing": standing,
            "rights": None if rights is None else list(rights),
            "custom_title": custom_title,
            "can_send": can_send,
            "by": self.id_of(by),
        }
        self._talk.call("PUT", f"{self._path}/members/{self.id_of(who)}", order)

    def set_bot_rights(self, rights: Iterable[str]) -> None:
        """Make the bot an administrator with exactly these rights."""
        self.set_member(self.bot_id, "administrator", rights=rights)

    def kick_bot(self) -> None:
        self.set_member(self.bot_id, "kicked")

    def add_bot(self) -> None:
        """(Back) in, as an administrator with the usual rights."""
        self.set_member(self.bot_id, "administrator")

    def switch_topics(self, *, on: bool) -> None:
        self._talk.call("PUT", f"{self._path}/forum", {"enabled": on})

    def upgrade(self) -> SupportGroup:
        """Turn the group into a supergroup with another id; returns its handle."""
        seen = self._talk.call("POST", f"{self._path}/upgrade", {})
        return SupportGroup(self._talk, seen["id"], self.bot_id, self.agents)

    # Looking

    def topics(self, *, deleted: bool = False) -> list[SeenTopic]:
        """All topics but General, oldest first."""
        seen = self._talk.read(
            list[SeenTopic], "GET", f"{self._path}/topics", deleted=1 if deleted else None
        )
        return [topic for topic in seen if topic.thread_id != GENERAL]

    def topic(self, thread_id: int) -> SeenTopic | None:
        return next((one for one in self.topics() if one.thread_id == thread_id), None)

    def messages(self, thread_id: int = GENERAL, *, service: bool = False) -> list[SeenMessage]:
        """Messages of a topic, oldest first; service messages only when asked for."""
        path = f"{self._path}/topics/{thread_id}/messages"
        seen = self._talk.read(list[SeenMessage], "GET", path, limit=100_000)
        return [message for message in seen if service or not message.is_service]

    def texts(self, thread_id: int = GENERAL) -> list[str]:
        return [message.text for message in self.messages(thread_id)]

    def message(self, message_id: int) -> SeenMessage:
        return self._talk.read(SeenMessage, "GET", f"{self._path}/messages/{message_id}")

    def content_of(self, message: SeenMessage) -> bytes:
        """The bytes of a message's file; of a photo, its largest size."""
        content = message.content[message.kind]
        file_id = (content[-1] if isinstance(content, list) else content)["file_id"]
        return self._talk.download(f"/files/{file_id}")

    # Waiting

    def wait_for_topic(
        self, name: str = "", *, count: int = 1, timeout_seconds: float = 60.0
    ) -> SeenTopic:
        """The newest topic whose name contains `name`, once there are `count` of them."""

        def look() -> SeenTopic | None:
            found = [topic for topic in self.topics() if name in topic.name]
            return found[-1] if len(found) >= count else None

        return self._talk.wait_for(look, f"topic {name!r}", timeout_seconds)

    def wait_for_message(
        self,
        text: str = "",
        thread_id: int = GENERAL,
        *,
        after: int = 0,
        button: str = "",
        count: int = 1,
        timeout_seconds: float = 60.0,
    ) -> SeenMessage:
        """The newest message of a topic that contains `text` (and has this button).

        Only ids greater than `after` count; with `count` there must be that many.
        """

        def look() -> SeenMessage | None:
            found = [
                one
                for one in self.messages(thread_id)
                if one.message_id > after
                and text in one.text
                and (not button or button in one.buttons)
            ]
            return found[-1] if len(found) >= count else None

        return self._talk.wait_for(look, f"message {text!r} in {thread_id}", timeout_seconds)

    def wait_for_answer(self, press: SeenPress, *, timeout_seconds: float = 60.0) -> SeenPress:
        """The press with the bot's answer."""

        def look() -> SeenPress | None:
            now = self._talk.read(SeenPress, "GET", f"/presses/{press.id}")
            return now if now.answered else None

        return self._talk.wait_for(look, f"answer to {press.data!r}", timeout_seconds)

    def wait_until_topic(
        self,
        thread_id: int,
        *,
        name: str | None = None,
        is_closed: bool | None = None,
        timeout_seconds: float = 60.0,
    ) -> SeenTopic:
        """The topic once it has this name and state."""

        def look() -> SeenTopic | None:
            topic = self.topic(thread_id)
            if topic is None or (name is not None and topic.name != name):
                return None
            return topic if is_closed in (None, topic.is_closed) else None

        return self._talk.wait_for(look, f"topic {thread_id} {name} {is_closed}", timeout_seconds)

    def _change_topic(self, who: Who, thread_id: int, action: str, name: str = "") -> SeenTopic:
        order = {"user_id": self.id_of(who), "name": name}
        path = f"{self._path}/topics/{thread_id}/{action}"
        return self._talk.read(SeenTopic, "POST", path, order)
