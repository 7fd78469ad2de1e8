// What the page knows, kept fresh by the simulator's event stream.

import { get } from "./api.js";

export const ANONYMOUS = "anonymous";

export const state = {
  isReady: false,
  isConnected: false,
  bots: [],
  groups: [],
  settings: null,
  faults: [],
  violations: 0,
  chatId: 0,
  topics: new Map(), // thread id -> topic
  threadId: null, // null: only the list is shown (narrow screens)
  messages: new Map(), // message id -> message, of the open topic
  calls: [], // newest first
  typing: new Map(), // thread id -> moment when it ends
  presses: new Map(), // press id -> button key that waits
  persona: localStorage.getItem("persona") ?? "",
};

const listeners = new Map();
/** Call `listener` after changes of this kind: topics, messages, group, traffic, faults, answer… */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, []);
  listeners.get(kind).push(listener);
}
const waiting = new Set();
export function changed(...kinds) {
  const isFirst = waiting.size === 0;
  for (const kind of kinds) waiting.add(kind);
  if (!isFirst) return;
  queueMicrotask(() => {
    const due = [...waiting];
    waiting.clear();
    for (const kind of due) for (const listener of listeners.get(kind) ?? []) listener();
  });
}
export function tell(kind, detail) {
  for (const listener of listeners.get(kind) ?? []) listener(detail);
}

export const group = () => state.groups.find((one) => one.id === state.chatId);
export const people = () => (group()?.members ?? []).filter((one) => !one.is_bot && !["left", "kicked"].includes(one.standing));
export const topic = () => state.topics.get(state.threadId);
export const botHere = () => state.bots.find((bot) => group()?.members.some((member) => member.id === bot.id)) ?? state.bots[0];
export const isAdmin = (member) => ["creator", "administrator"].includes(member?.standing);

/** The person the page acts as: an account id and whether it hides behind the group. */
export function persona() {
  const [id, mode] = state.persona.split(":");
  const member = people().find((one) => String(one.id) === id) ?? people()[0];
  return { id: member?.id ?? 0, name: member?.name ?? "Nobody", isAnonymous: mode === ANONYMOUS && isAdmin(member), member };
}
export function become(value) {
  state.persona = value;
  localStorage.setItem("persona", value);
  changed("persona", "topics", "messages");
}

// Read marks: each person of this browser has their own.
const readKey = (threadId) => `read:${state.chatId}:${persona().id}:${threadId}`;
export function unread(one) {
  const upTo = Number(localStorage.getItem(readKey(one.thread_id)) ?? 0);
  let count = 0;
  for (let place = one.recent_ids.length - 1; place >= 0 && one.recent_ids[place] > upTo; place--) count++;
  return count;
}
export function markRead() {
  const open = topic();
  if (!open || !open.recent_ids.length || document.hidden) return;
  localStorage.setItem(readKey(open.thread_id), open.recent_ids.at(-1));
  changed("topics");
}

export async function load() {
  const seen = await get("/state");
  Object.assign(state, { bots: seen.bots, groups: seen.groups, settings: seen.settings, faults: seen.faults, violations: seen.violations });
  const wanted = Number(location.hash.slice(1).split("/")[0]);
  const live = state.groups.filter((one) => !one.migrated_to);
  const known = state.groups.some((one) => one.id === state.chatId);
  if (!known) state.chatId = state.groups.find((one) => one.id === wanted)?.id ?? live[0]?.id ?? 0;
  await loadTopics();
  const traffic = await get("/calls?limit=150");
  state.calls = traffic.calls.reverse();
  if (state.threadId !== null) await loadMessages();
  state.isReady = true;
  changed("group", "topics", "messages", "traffic", "faults", "persona");
  return seen.seq;
}

export async function loadTopics() {
  if (!state.chatId) return state.topics.clear();
  const seen = await get(`/groups/${state.chatId}/topics`);
  state.topics = new Map(seen.map((one) => [one.thread_id, one]));
  if (state.threadId !== null && !state.topics.has(state.threadId)) state.threadId = 0;
  changed("topics");
}

async function loadMessages() {
  const asked = state.threadId;
  const seen = await get(`/groups/${state.chatId}/topics/${asked}/messages?limit=300`);
  if (asked === state.threadId) state.messages = new Map(seen.map((one) => [one.message_id, one]));
}

export async function openTopic(threadId) {
  state.threadId = threadId;
  state.messages = new Map();
  history.replaceState(null, "", threadId === null ? `#${state.chatId}` : `#${state.chatId}/${threadId}`);
  changed("topics", "messages", "opened");
  if (threadId === null) return;
  await loadMessages();
  changed("messages");
  markRead();
}

export async function openGroup(chatId) {
  state.chatId = chatId;
  await loadTopics();
  changed("group");
  await openTopic(0);
}

/** At most one run at a time, and one more when it was asked for meanwhile. */
function lazily(run) {
  let isRunning = false;
  let isWanted = false;
  return async function start() {
    if (isRunning) {
      isWanted = true;
      return;
    }
    isRunning = true;
    try {
      await run();
    } finally {
      isRunning = false;
    }
    if (isWanted) {
      isWanted = false;
      setTimeout(start, 300);
    }
  };
}

export const refreshFaults = lazily(async () => {
  const seen = await get("/state");
  Object.assign(state, { bots: seen.bots, settings: seen.settings, faults: seen.faults, violations: seen.violations });
  changed("faults", "traffic", "persona");
});
export const refreshBudget = lazily(async () => {
  if (!state.isWatchingTraffic) return;
  const seen = await get("/state");
  Object.assign(state, { bots: seen.bots, violations: seen.violations });
  changed("traffic", "budget");
});
