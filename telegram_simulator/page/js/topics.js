// The list of topics and the head of the open one.

import { post } from "./api.js";
import { byId, h, icon, reconcile } from "./dom.js";
import { ask, attempt, openMenu } from "./popups.js";
import { authorName, initial, listTime, plural, preview, tintOf } from "./show.js";
import { botHere, changed, group, openGroup, openTopic, persona, state, topic, unread } from "./state.js";

const isGeneral = (one) => one.thread_id === 0;
const lastId = (one) => one.last_message?.message_id ?? 0;

function listed() {
  const wanted = byId("find").value.trim().toLowerCase();
  const visible = [...state.topics.values()].filter(
    (one) => one.name.toLowerCase().includes(wanted) && (isGeneral(one) || group()?.is_forum || one.message_count),
  );
  return visible.sort((a, b) => isGeneral(b) - isGeneral(a) || lastId(b) - lastId(a) || b.thread_id - a.thread_id);
}

export function drawTopics() {
  const topics = listed();
  reconcile(
    byId("topics"),
    topics.map((one) => {
      const shown = { one, count: one.thread_id === state.threadId ? 0 : unread(one), isOpen: one.thread_id === state.threadId };
      return { ...shown, key: String(one.thread_id), signature: JSON.stringify([one.name, one.is_closed, one.last_message?.message_id, one.last_message?.edit_date, shown.count, shown.isOpen]) };
    }),
    buildTopic,
  );
  drawEmptyList(topics);
  drawHead();
  const total = [...state.topics.values()].reduce((sum, one) => sum + (one.thread_id === state.threadId ? 0 : unread(one)), 0);
  document.title = `${total ? `(${total}) ` : ""}${group()?.title ?? "Support group"}`;
}

function buildTopic({ one, count, isOpen }) {
  const last = one.last_message;
  const classes = `${count ? " is-unread" : ""}${one.is_closed ? " is-closed" : ""}`;
  return h(
    "li",
    {},
    h(
      "button.topic",
      { type: "button", class: classes, "aria-current": isOpen ? "true" : null, onclick: () => openTopic(one.thread_id) },
      avatar(one),
      h("span.topic-name", {}, h("span", {}, one.name), one.is_closed ? icon("lock") : null),
      h("span.topic-time", {}, last ? listTime(last.date) : ""),
      h("span.topic-last", { class: count ? "" : "is-wide" }, last ? lastLine(last) : "Nothing here yet"),
      count ? h("span.topic-count", { "aria-label": `${count} unread` }, count > 99 ? "99+" : String(count)) : null,
    ),
  );
}

function lastLine(last) {
  return last.is_service ? [preview(last)] : [h("b", {}, `${last.author.is_bot && !last.is_anonymous ? "Bot" : authorName(last)}: `), preview(last)];
}

function avatar(one) {
  return isGeneral(one)
    ? h("span.avatar", { style: { "--tint": "var(--wash)", color: "var(--brand)" }, "aria-hidden": "true" }, icon("hash"))
    : h("span.avatar", { style: { "--tint": tintOf(one.icon_color) }, "aria-hidden": "true" }, initial(one.name));
}

function drawEmptyList(topics) {
  const empty = byId("no-topics");
  const isEmpty = state.isReady && topics.length < 2 && !byId("find").value;
  empty.hidden = !isEmpty;
  if (!isEmpty) return;
  empty.replaceChildren(
    h("strong", {}, state.chatId ? "No conversations yet" : "This Telegram is empty"),
    state.chatId
      ? "Open the shop page and write a message. Its topic appears here."
      : "Start the simulator with --bot-token and --group-id, or make a group through its control API.",
  );
}

function drawHead() {
  const open = topic();
  document.getElementById("app").classList.toggle("in-topic", state.threadId !== null);
  byId("topic-title").textContent = open?.name ?? "Choose a topic";
  byId("topic-icon").replaceWith(Object.assign(open ? avatar(open) : h("span.avatar", {}), { id: "topic-icon" }));
  const meta = byId("topic-meta");
  const isTyping = (state.typing.get(state.threadId) ?? 0) > Date.now();
  meta.classList.toggle("is-typing", isTyping);
  const about = open && [isGeneral(open) ? "For everybody" : open.is_closed ? "Closed" : "Open", plural(open.recent_ids.length >= 100 ? "100+" : open.recent_ids.length, "message")];
  meta.textContent = isTyping ? `${botHere()?.name ?? "The bot"} is typing…` : (about?.join(" · ") ?? "");
  byId("closed-note").hidden = !open?.is_closed;
  byId("topic-menu").hidden = !open || isGeneral(open);
}

export function drawGroup() {
  const here = group();
  byId("group-title").textContent = here?.title ?? "No group";
  byId("group-avatar").textContent = initial(here?.title);
  const members = (here?.members ?? []).filter((one) => !["left", "kicked"].includes(one.standing));
  const bots = members.filter((one) => one.is_bot).length;
  byId("group-meta").textContent = here
    ? [plural(members.length - bots, "agent"), plural(bots, "bot"), here.is_forum ? "topics on" : "topics off"].join(" · ")
    : "";
  const choice = byId("group-choice");
  choice.hidden = state.groups.length < 2;
  choice.replaceChildren(...state.groups.map((one) => h("option", { value: one.id, selected: one.id === state.chatId }, one.migrated_to ? `${one.title} (old)` : one.title)));
}

const act = (threadId, action, name = "") =>
  attempt(() => post(`/groups/${state.chatId}/topics/${threadId}/${action}`, { user_id: persona().id, name }));

async function rename(open) {
  const name = await ask({ title: "Rename the topic", value: open.name, yes: "Rename" });
  if (name) await act(open.thread_id, "rename", name);
}
async function destroy(open) {
  const text = `“${open.name}” and its ${plural(open.message_count, "message")} will be gone for everybody. Telegram does not tell the bot.`;
  if (await ask({ title: "Delete the topic?", text, yes: "Delete", isDanger: true })) await act(open.thread_id, "delete");
}
async function create() {
  const name = await ask({ title: "New topic", value: "", yes: "Create" });
  if (!name) return;
  const made = await attempt(() => post(`/groups/${state.chatId}/topics`, { user_id: persona().id, name }));
  if (made) openTopic(made.thread_id);
}

export function prepareTopics() {
  byId("find").addEventListener("input", () => changed("topics"));
  byId("new-topic").addEventListener("click", create);
  byId("back").addEventListener("click", () => openTopic(null));
  byId("reopen").addEventListener("click", () => act(state.threadId, "reopen"));
  byId("group-choice").addEventListener("change", (event) => openGroup(Number(event.target.value)));
  byId("topic-menu").addEventListener("click", (event) => {
    const open = topic();
    openMenu(event.currentTarget, [
      { label: "Rename", icon: "edit", run: () => rename(open) },
      open.is_closed ? { label: "Reopen", icon: "lock", run: () => act(open.thread_id, "reopen") } : { label: "Close", icon: "lock", run: () => act(open.thread_id, "close") },
      { label: "Delete", icon: "close", isDanger: true, run: () => destroy(open) },
    ]);
  });
  byId("topics").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...byId("topics").querySelectorAll("button")];
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length]?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const step = event.altKey && { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const topics = listed();
    const place = topics.findIndex((one) => one.thread_id === state.threadId);
    if (topics.length) openTopic(topics[(place + step + topics.length) % topics.length].thread_id);
  });
}
