"""The client: every call fits the published parameters, every failure has its class."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from channels_telegram import texts
from channels_telegram.api_errors import (
    ChatLost,
    FloodWait,
    OutcomeUnknown,
    ServerTrouble,
    TokenRevoked,
    TopicGone,
)
from channels_telegram.bot_api import BotApi
from channels_telegram.multipart import Upload
from telegram_simulator.client import SimulatorClient, SupportGroup, running_simulator
from tests.processes import free_port

TOKEN = "998877:own-token-of-the-client-tests"
CHAT = -1004242
PICTURE = b"\x89PNG\r\n\x1a\n"

# Methods of the client that are not named after the one method of the Bot API that they call.
NAMED_OTHERWISE = {
    "is_forum": "getChat",
    "send_file": "sendDocument",
    "get_file_path": "getFile",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorClient]:
    """One of our own, so that no other test meets a second bot."""
    with running_simulator() as running:
        running.set_pacing(enabled=False)
        yield running


@pytest.fixture
def group(simulator: SimulatorClient, settings: Settings) -> Iterator[SupportGroup]:
    settings.TELEGRAM_API_URL = simulator.base_url
    settings.TELEGRAM_READ_TIMEOUT_SECONDS = 2
    yield simulator.add_support_group(token=TOKEN, chat_id=CHAT, username="client_bot")
    simulator.clear_faults()


@pytest.fixture
def api(group: SupportGroup) -> BotApi:
    return BotApi(TOKEN)


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def test_every_call_fits_the_published_parameters(
    api: BotApi, group: SupportGroup, simulator: SimulatorClient
) -> None:
    before = simulator.last_call
    assert api.get_me().username == "client_bot"
    api.set_webhook(url="http://127.0.0.1:9/hook", secret_token="s3cret")
    api.set_my_commands(texts.COMMANDS)
    assert api.is_forum(chat_id=CHAT)
    assert api.get_chat(chat_id=CHAT)["id"] == CHAT
    assert api.get_chat_member(chat_id=CHAT, user_id=group.bot_id).status == "administrator"
    assert api.get_webhook_info()["url"] == "http://127.0.0.1:9/hook"
    thread_id = api.create_forum_topic(chat_id=CHAT, name="Amber Otter")
    posted = api.send_message(
        chat_id=CHAT,
        thread_id=thread_id,
        text="Amber Otter: hello",
        bold=[range(12)],
        keyboard=texts.controls_keyboard("2f0e5ad0-7d0f-4c3e-8a35-0a8f1d2b3c4d"),
    )
    assert posted.thread_id == thread_id
    assert api.send_message(chat_id=CHAT, thread_id=None, text="root").thread_id is None
    api.pin_chat_message(chat_id=CHAT, message_id=posted.message_id)
    api.unpin_chat_message(chat_id=CHAT, message_id=posted.message_id)
    api.edit_forum_topic(chat_id=CHAT, thread_id=thread_id, name="Mara — Amber Otter")
    api.close_forum_topic(chat_id=CHAT, thread_id=thread_id)
    api.reopen_forum_topic(chat_id=CHAT, thread_id=thread_id)
    press = group.press("Ana", posted.message_id, "Claim")
    api.answer_callback_query(callback_query_id=press.id, text="x" * 300)
    for field in ("photo", "document"):
        upload = Upload(field, "order.png", BytesIO(PICTURE), len(PICTURE))
        sent = api.send_file(chat_id=CHAT, thread_id=thread_id, upload=upload, caption="An order")
    downloaded = BytesIO()
    file_id = group.message(sent.message_id).content["document"]["file_id"]
    api.download(api.get_file_path(file_id=file_id), downloaded, limit=len(PICTURE) + 1)
    assert downloaded.getvalue() == PICTURE
    api.delete_message(chat_id=CHAT, message_id=posted.message_id)
    api.delete_forum_topic(chat_id=CHAT, thread_id=thread_id)
    api.delete_webhook()

    calls = [call for call in simulator.calls(after=before) if call.bot_id == group.bot_id]
    assert all(call.ok for call in calls)
    called = {call.method for call in calls}
    offered = {name for name in vars(BotApi) if not name.startswith("_")} - {"download"}
    assert {NAMED_OTHERWISE.get(name, camel_case(name)) for name in offered} <= called
    assert simulator.violations() == []
    bold = next(call for call in calls if call.params.get("entities"))
    assert bold.params["entities"] == [{"type": "bold", "offset": 0, "length": 12}]


def test_buttons_stay_within_64_bytes() -> None:
    conversation_id = "2f0e5ad0-7d0f-4c3e-8a35-0a8f1d2b3c4d"
    for keyboard in (
        texts.controls_keyboard(conversation_id),
        texts.claim_keyboard(conversation_id),
        texts.take_over_keyboard(conversation_id),
    ):
        assert all(len(data.encode()) <= 64 for row in keyboard for _, data in row)


def post(api: BotApi) -> None:
    api.send_message(chat_id=CHAT, thread_id=None, text="hello")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"kind": "flood", "retry_after": 17}, FloodWait),
        ({"kind": "error", "name": "server_error"}, ServerTrouble),
        ({"kind": "html"}, OutcomeUnknown),
        ({"kind": "timeout"}, OutcomeUnknown),
        ({"kind": "timeout", "after_effect": True}, OutcomeUnknown),
        ({"kind": "reset"}, OutcomeUnknown),
        ({"kind": "error", "name": "thread_not_found"}, TopicGone),
        ({"kind": "error", "name": "kicked"}, ChatLost),
    ],
)
def test_failures_have_their_class(
    api: BotApi,
    simulator: SimulatorClient,
    order: dict[str, object],
    expected: type[Exception],
) -> None:
    simulator.add_fault(method="sendMessage", chat_id=CHAT, **order)  # type: ignore[arg-type]
    with pytest.raises(expected) as raised:
        post(api)
    assert TOKEN not in f"{raised.value!r} {raised.value.__context__!r} {api!r}"
    post(api)


def test_a_file_that_does_not_end_is_given_up(
    api: BotApi, group: SupportGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = group.write("Ana", kind="document", file_name="a.txt", data=b"slow")
    file_id = group.message(sent.message_id).content["document"]["file_id"]
    monkeypatch.setattr("channels_telegram.bot_api.DOWNLOAD_TIMEOUT_SECONDS", -1)
    with pytest.raises(ServerTrouble, match="too slowly"):
        api.download(api.get_file_path(file_id=file_id), BytesIO(), limit=100)


def test_nobody_listening_means_that_nothing_has_happened(api: BotApi, settings: Settings) -> None:
    settings.TELEGRAM_API_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ServerTrouble) as raised:
        post(BotApi(TOKEN))
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("call", [post, BotApi.get_me])
def test_an_unknown_token(group: SupportGroup, call: Callable[[BotApi], object]) -> None:
    with pytest.raises(TokenRevoked):
        call(BotApi("998878:somebody-elses"))


def holds_a_connection() -> bool:
    return connection.connection is not None


def test_a_slow_answer_keeps_no_database_connection_from_others(
    api: BotApi, committed_db: None
) -> None:
    connection.ensure_connection()
    api.get_me()
    assert not holds_a_connection()
    with transaction.atomic():
        api.get_me()
        assert holds_a_connection(), "a running transaction is left alone"
    connection.close()
