"""getMe, getChat, getChatMember, setMyCommands, getFile, answerCallbackQuery."""

from __future__ import annotations

import msgspec

from telegram_simulator import wire
from telegram_simulator.errors import refusal
from telegram_simulator.methods.registry import Call, Result, method
from telegram_simulator.schema import (
    AnswerCallbackQuery,
    GetChatMember,
    GetFile,
    Nothing,
    OfChat,
    SetMyCommands,
)

LARGEST_DOWNLOAD_BYTES = 20 * 1024 * 1024


@method("getMe", Nothing)
def get_me(call: Call, params: Nothing) -> Result:
    return wire.me(call.sim.store, call.bot)


@method("getChat", OfChat)
def get_chat(call: Call, params: OfChat) -> Result:
    return wire.chat_full(call.sim.store, call.group(params.chat_id))


@method("getChatMember", GetChatMember)
def get_chat_member(call: Call, params: GetChatMember) -> Result:
    group = call.group(params.chat_id)
    if params.user_id not in group.members and params.user_id not in call.sim.store.users:
        raise refusal("user_not_found")
    return wire.chat_member(call.sim.store, group, params.user_id)


@method("setMyCommands", SetMyCommands)
def set_my_commands(call: Call, params: SetMyCommands) -> Result:
    call.bot.commands = [msgspec.to_builtins(command) for command in params.commands]
    call.sim.store.put(call.bot)
    return True


@method("getFile", GetFile)
def get_file(call: Call, params: GetFile) -> Result:
    file = call.sim.store.files.get(params.file_id)
    if file is None or file.bot_id not in (0, call.bot.id):
        raise refusal("file_id_invalid")
    if file.size > LARGEST_DOWNLOAD_BYTES:
        raise refusal("file_too_big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }


@method("answerCallbackQuery", AnswerCallbackQuery)
def answer_callback_query(call: Call, params: AnswerCallbackQuery) -> Result:
    press = call.sim.callbacks.answerable(
        params.callback_query_id,
        call.bot.id,
        call.sim.clock.now(),
        call.sim.server_options.callback_seconds,
    )
    press.answered = True
    press.text, press.show_alert, press.url = params.text, params.show_alert, params.url
    call.sim.changes.tell(
        "answer", chat_id=press.chat_id, message_id=press.message_id, ref=press.id
    )
    return True
