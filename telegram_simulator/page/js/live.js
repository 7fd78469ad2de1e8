// The simulator's event stream, applied to the state.

import { changed, load, loadTopics, markRead, openTopic, refreshBudget, refreshFaults, state, tell } from "./state.js";

/** Listen for ever; a lost connection is taken up where it broke. */
export function follow(after) {
  const stream = new EventSource(`/sim/events?after=${after}`);
  stream.onopen = () => {
    state.isConnected = true;
    changed("link");
  };
  stream.onerror = () => {
    state.isConnected = false;
    changed("link");
    stream.close();
    setTimeout(reconnect, 800);
  };
  stream.onmessage = (event) => {
    for (const change of JSON.parse(event.data)) apply(change);
  };
}

async function reconnect() {
  try {
    follow(await load());
  } catch {
    setTimeout(reconnect, 1500);
  }
}

function apply(change) {
  const isHere = (chatId) => chatId === state.chatId;
  switch (change.type) {
    case "message": {
      if (isHere(change.message.chat_id)) takeMessage(change.message);
      break;
    }
    case "message_gone":
      if (isHere(change.chat_id)) dropMessage(change);
      break;
    case "topic":
      if (isHere(change.topic.chat_id)) state.topics.set(change.topic.thread_id, change.topic);
      changed("topics", "messages");
      break;
    case "topic_gone":
      if (isHere(change.chat_id)) {
        state.topics.delete(change.thread_id);
        if (state.threadId === change.thread_id) openTopic(0);
      }
      changed("topics");
      break;
    case "group":
    case "member": {
      const place = state.groups.findIndex((one) => one.id === change.group.id);
      if (place < 0) state.groups.push(change.group);
      else state.groups[place] = change.group;
      changed("group", "topics", "persona", "faults");
      break;
    }
    case "call":
      takeCall(change.call);
      break;
    case "update": {
      const place = state.bots.findIndex((one) => one.id === change.bot.id);
      if (place >= 0) state.bots[place] = change.bot;
      changed("traffic");
      break;
    }
    case "answer":
      tell("answer", change.press);
      break;
    case "action":
      if (isHere(change.chat_id)) {
        state.typing.set(change.thread_id, Date.now() + 5000);
        changed("topics");
        setTimeout(() => changed("topics"), 5100);
      }
      break;
    case "settings":
      refreshFaults();
      break;
    default:
      load();
  }
}

function takeMessage(message) {
  const home = state.topics.get(message.thread_id);
  if (home) {
    if (!message.is_service && !(home.recent_ids.at(-1) >= message.message_id)) home.recent_ids.push(message.message_id);
    if (!home.last_message || home.last_message.message_id <= message.message_id) home.last_message = message;
  } else loadTopics();
  if (message.thread_id === state.threadId) {
    state.messages.set(message.message_id, message);
    changed("messages");
    markRead();
  }
  changed("topics");
}

function dropMessage({ thread_id: threadId, message_id: messageId }) {
  const home = state.topics.get(threadId);
  if (home) {
    home.recent_ids = home.recent_ids.filter((id) => id !== messageId);
    if (home.last_message?.message_id === messageId) loadTopics();
  }
  if (state.messages.delete(messageId)) changed("messages");
}

function takeCall(call) {
  const place = state.calls.findIndex((one) => one.seq === call.seq);
  if (place >= 0) state.calls[place] = call;
  else state.calls.unshift(call);
  if (state.calls.length > 200) state.calls.length = 200;
  if (call.fault) refreshFaults();
  refreshBudget();
  changed("traffic");
}
