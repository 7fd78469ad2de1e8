"""What sockets are sent, by protocol."""

from typing import Any

from conversations.socket.hub import Push


def v1_frame(push: Push) -> dict[str, Any] | None:
    """A push as v1 sockets know it; None for what v1 cannot show.

    Frames other than messages and notes carry no `text`: the predecessor's widget draws a bubble
    for whatever has one.
    """
    event = push["event"]
    if event == "message":
        frame = {
            "direction": push["direction"],
            "text": push["text"],
            "id": push["id"],
            "seq": push["seq"],
            "createdAt": push["created_at"],
        }
        if "agent" in push:
            frame["agent"] = push["agent"]
        return frame
    if event == "note":
        return _note(push)
    if event == "agent_joined":
        return {"type": "agent_joined", "agent": push["agent"]}
    if event == "closed":
        return {"type": "conversation_closed"}
    return None


def v2_frame(push: Push) -> dict[str, Any] | None:
    """A push as v2 sockets know it; None for what they cannot show.

    A message has the words that are stored, not those that were typed.
    """
    match push["event"]:
        case "message":
            return _v2_message(push)
        case "note":
            return _note(push)
        case "agent_joined":
            return {"type": "agent_joined", "agent": push["agent"]}
        case "closed":
            return {"type": "conversation_closed"}
        case "reopened":
            return {"type": "conversation_reopened"}
        case "edited":
            return {"type": "message_edited", "id": push["id"], "text": push["text"]}
        case "delivered":
            return {"type": "delivered", "id": push["id"]}
        case "typing":
            return {"type": "typing", "from": push["from"]}
    return None


def _v2_message(push: Push) -> dict[str, Any]:
    frame = {
        "type": "message",
        "id": push["id"],
        "seq": push["seq"],
        "direction": push["direction"],
        "text": push.get("stored_text", push["text"]),
        "created_at": push["created_at"],
    }
    for name in ("agent", "client_id"):
        if name in push:
            frame[name] = push[name]
    return frame


def _note(push: Push) -> dict[str, Any]:
    note = {"type": "info_note", "key": push["key"], "text": push["text"]}
    if "message_id" in push:
        note["id"], note["seq"] = push["message_id"], push["message_seq"]
    return note
