"""A bot as the tests play it: plain calls to the simulated Bot API."""

from __future__ import annotations

from typing import Any

import requests

TOKEN = "42:simulated-token"
BOT_ID = 42
CHAT = -1001000


class Bot:
    """Calls methods over one connection, as the product does."""

    def __init__(self, base_url: str, token: str = TOKEN) -> None:
        self._base = f"{base_url}/bot{token}"
        self.session = requests.Session()
        self._next_update = 0

    def ask(self, method: str, **params: Any) -> requests.Response:
        return self.session.post(f"{self._base}/{method}", json=params, timeout=30)

    def do(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = self.ask(method, **params).json()
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> str:
        """The description of a refusal, which must come."""
        answer = self.ask(method, **params).json()
        assert not answer["ok"], answer
        return str(answer["description"])

    def wait_for_update(self, kind: str) -> Any:
        """The next update of a kind; what comes before it is skipped."""
        while True:
            updates = self.do("getUpdates", offset=self._next_update, timeout=20, limit=1)
            assert updates, f"no {kind}"
            self._next_update = updates[0]["update_id"] + 1
            if kind in updates[0]:
                return updates[0][kind]

    def topic(self, name: str = "Amber Otter", chat_id: int = CHAT) -> int:
        thread_id: int = self.do("createForumTopic", chat_id=chat_id, name=name)[
            "message_thread_id"
        ]
        return thread_id

    def say(self, text: str, thread_id: int = 0, **more: Any) -> int:
        """Post a text; its message id."""
        place = {"message_thread_id": thread_id} if thread_id else {}
        message_id: int = self.do("sendMessage", chat_id=CHAT, text=text, **place, **more)[
            "message_id"
        ]
        return message_id


def keyboard(*buttons: str) -> dict[str, Any]:
    """One row of buttons whose data is their lower-cased text."""
    return {"inline_keyboard": [[{"text": one, "callback_data": one.lower()} for one in buttons]]}
