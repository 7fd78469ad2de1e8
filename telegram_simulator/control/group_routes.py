"""What happens inside a group: `/sim/groups/{chat_id}/topics…` and `…/messages…`."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegram_simulator import people, posting
from telegram_simulator.control import views
from telegram_simulator.control.web import Order, answer, number, order, simulator
from telegram_simulator.errors import ControlError
from telegram_simulator.records import GENERAL, Json


class TopicOrder(Order):
    user_id: int
    name: str = ""


class WriteOrder(Order):
    user_id: int
    thread_id: int = GENERAL
    text: str = ""
    kind: str = "text"
    reply_to: int = 0
    anonymous: bool = False
    as_channel: int = 0
    media_group_id: str = ""
    size: int = 0
    file_name: str = ""
    data: bytes = b""
    entities: list[Json] = []


class ReportOrder(Order):
    """A service message: `kind` is the name of its one field, `content` the field."""

    user_id: int
    kind: str
    content: Any = {}
    thread_id: int = GENERAL


class EditOrder(Order):
    user_id: int
    text: str
    file_name: str = ""
    data: bytes = b""
    entities: list[Json] = []


class PressOrder(Order):
    """`data`, or the text on the button, or `resend_of` for an earlier press."""

    user_id: int
    data: str = ""
    button: str = ""
    resend_of: str = ""


class ReactOrder(Order):
    user_id: int
    emoji: list[str] = []


class PinOrder(Order):
    user_id: int


async def list_topics(request: Request) -> Response:
    """All topics, General first; `?deleted=1` shows the deleted ones too."""
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    shown = [views.general(sim, group)]
    if request.query_params.get("deleted"):
        found = [topic for (chat, _), topic in sim.store.topics.items() if chat == group.id]
    else:
        found = sim.store.topics_of(group.id)
    return answer(shown + [views.topic(sim, topic) for topic in found])


async def create_topic(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, TopicOrder)
    topic = people.create_topic(sim, group, user_id=wanted.user_id, name=wanted.name)
    return answer(views.topic(sim, topic), 201)


async def change_topic(request: Request) -> Response:
    sim = simulator(request)
    topic = sim.topic(number(request, "chat_id"), number(request, "thread_id"))
    wanted = await order(request, TopicOrder)
    people.change_topic(
        sim,
        topic,
        user_id=wanted.user_id,
        action=request.path_params["action"],
        name=wanted.name,
    )
    return answer(views.topic(sim, topic))


async def list_messages(request: Request) -> Response:
    """Messages of a thread, oldest first: the last `limit` (200) of those after `after`."""
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    after, limit = number(request, "after"), number(request, "limit", 200)
    ids = sim.store.in_thread.get((group.id, number(request, "thread_id")), [])
    newer = [message_id for message_id in ids if message_id > after][-limit:]
    return answer([views.message(sim, sim.store.messages[group.id, one]) for one in newer])


async def write(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, WriteOrder)
    message = people.write(
        sim,
        group,
        user_id=wanted.user_id,
        thread_id=wanted.thread_id,
        content=wanted.text,
        kind=wanted.kind,
        reply_to=wanted.reply_to,
        anonymous=wanted.anonymous,
        as_channel=wanted.as_channel,
        media_group_id=wanted.media_group_id,
        size=wanted.size,
        file_name=wanted.file_name,
        data=wanted.data,
        entities=wanted.entities,
    )
    return answer(views.message(sim, message), 201)


async def report(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, ReportOrder)
    message = people.report(
        sim, group, wanted.kind, wanted.content, wanted.user_id, wanted.thread_id
    )
    return answer(views.message(sim, message), 201)


async def message(request: Request) -> Response:
    """GET shows, PATCH edits, DELETE deletes."""
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    message_id = number(request, "message_id")
    if request.method == "DELETE":
        people.delete(sim, group, message_id)
        return answer({})
    if request.method == "PATCH":
        wanted = await order(request, EditOrder)
        people.edit(
            sim,
            group,
            message_id,
            user_id=wanted.user_id,
            content=wanted.text,
            entities=wanted.entities,
            file_name=wanted.file_name,
            data=wanted.data,
        )
    return answer(views.message(sim, people.find_message(sim, group, message_id)))


async def press(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    message_id = number(request, "message_id")
    wanted = await order(request, PressOrder)
    data = wanted.data
    if wanted.button:
        keyboard = people.find_message(sim, group, message_id).reply_markup or {}
        buttons = [button for row in keyboard.get("inline_keyboard", []) for button in row]
        matching = [one for one in buttons if one["text"] == wanted.button]
        if not matching:
            raise ControlError(f"no button {wanted.button!r} on message {message_id}", status=404)
        data = matching[0].get("callback_data", "")
    made = people.press(
        sim, group, message_id, user_id=wanted.user_id, data=data, resend_of=wanted.resend_of
    )
    return answer(msgspec.to_builtins(made), 201)


async def show_press(request: Request) -> Response:
    """A button press and, once the bot has given it, the answer."""
    found = simulator(request).callbacks.get(request.path_params["press_id"])
    if found is None:
        raise ControlError("no such press", status=404)
    return answer(msgspec.to_builtins(found))


async def react(request: Request) -> Response:
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    wanted = await order(request, ReactOrder)
    message_id = number(request, "message_id")
    people.react(sim, group, message_id, user_id=wanted.user_id, emoji=wanted.emoji)
    return answer({})


async def pin(request: Request) -> Response:
    """POST pins, DELETE unpins."""
    sim = simulator(request)
    group = sim.group(number(request, "chat_id"))
    pinned = people.find_message(sim, group, number(request, "message_id"))
    if request.method == "DELETE":
        posting.unpin(sim, group, {pinned.message_id} & set(group.pinned))
    else:
        posting.pin(sim, group, pinned, (await order(request, PinOrder)).user_id)
    return answer(views.message(sim, pinned))


async def download(request: Request) -> Response:
    """The bytes of a file, whoever has sent it."""
    file = simulator(request).store.files.get(request.path_params["file_id"])
    if file is None:
        raise ControlError("no such file", status=404)
    # Nothing of it runs in the page, which shows pictures.
    headers = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
    suffix = file.path.rpartition(".")[2]
    media_type = _PICTURES.get(suffix, "application/octet-stream")
    content = file.content.ljust(file.size, b"\0")
    return Response(content, headers=headers, media_type=media_type)


_PICTURES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
_GROUP = "/groups/{chat_id}"
ROUTES = [
    Route(_GROUP + "/topics", list_topics, methods=["GET"]),
    Route(_GROUP + "/topics", create_topic, methods=["POST"]),
    Route(_GROUP + "/topics/{thread_id}/messages", list_messages, methods=["GET"]),
    Route(_GROUP + "/topics/{thread_id}/{action}", change_topic, methods=["POST"]),
    Route(_GROUP + "/messages", write, methods=["POST"]),
    Route(_GROUP + "/reports", report, methods=["POST"]),
    Route(_GROUP + "/messages/{message_id}", message, methods=["GET", "PATCH", "DELETE"]),
    Route(_GROUP + "/messages/{message_id}/press", press, methods=["POST"]),
    Route(_GROUP + "/messages/{message_id}/react", react, methods=["POST"]),
    Route(_GROUP + "/messages/{message_id}/pin", pin, methods=["POST", "DELETE"]),
    Route("/files/{file_id}", download, methods=["GET"]),
    Route("/presses/{press_id}", show_press, methods=["GET"]),
]
