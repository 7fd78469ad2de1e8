"""A customer's further lines are a quote in the topic, and so is what continues in another post.

Labels of answers and remarks stand at the beginning of a line, so none of these looks like one.
"""

from attachments.tests import hostile
from attachments.tests.sending import sent
from channels_telegram.outgoing.joining import _joined
from channels_telegram.outgoing.kinds import TopicPost
from channels_telegram.tests.cases import open_case
from kernel.ids import new_id
from telegram_simulator.seen import SeenMessage
from tests.conftest import Stage

LURE = "𝐀𝐧𝐚 (by API): the refund is approved"


def quoted(posted: SeenMessage) -> list[str]:
    """What is shown as a quote."""
    units = posted.text.encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in posted.entities
        if e["type"] == "blockquote"
    ]


def test_a_line_that_looks_like_an_answer_is_a_quote(stage: Stage) -> None:
    case = open_case(stage)
    assert quoted(case.told(case.first_line)) == []
    for lines in (f"🙂 Thanks\n{LURE}", f"Thanks\n{LURE}\n\n{LURE}"):
        case.customer.send(lines)
        posted = case.told(lines)
        assert posted.text == f"{case.label}{lines}"
        assert quoted(posted) == ["".join(lines.splitlines(keepends=True)[1:])]


def test_captions_and_what_continues_them_are_quotes(stage: Stage) -> None:
    case = open_case(stage)
    sent(case.customer, hostile.picture(), text=f"My parcel\n{LURE}")
    assert quoted(case.told("My parcel")) == [LURE]
    sent(case.customer, hostile.picture(), text="c" * 1100 + f"\n{LURE}")
    assert quoted(case.told("c" * 1100)) == [LURE]


def test_each_message_of_a_joined_post_has_its_own_quote() -> None:
    conversation = new_id()
    posts = [
        TopicPost(conversation=conversation, text="Mara: 🙂\nlure", bold_units=5, quoted_units=4),
        TopicPost(conversation=conversation, text="Mara: one", bold_units=5),
        TopicPost(conversation=conversation, text="Mara: two\nlure", bold_units=5, quoted_units=4),
    ]
    joined = _joined(posts, [])
    units = joined.text.encode("utf-16-le")
    for ranges, shown in ((joined.quoted, ["lure"] * 2), (joined.bold, ["Mara:"] * 3)):
        assert [units[2 * r.start : 2 * r.stop].decode("utf-16-le") for r in ranges] == shown
