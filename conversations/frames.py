"""What v1 sockets are sent."""

from typing import Any

from conversations.hub import Push


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
        note = {"type": "info_note", "key": push["key"], "text": push["text"]}
        if "message_id" in push:
            note["id"], note["seq"] = push["message_id"], push["message_seq"]
        return note
    if event == "agent_joined":
        return {"type": "agent_joined", "agent": push["agent"]}
    if event == "closed":
        return {"type": "conversation_closed"}
    return None
