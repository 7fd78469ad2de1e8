// The messages of the open topic.

import { post, remove } from "./api.js";
import { byId, h, icon, reconcile } from "./dom.js";
import { edit, replyTo } from "./composer.js";
import { ask, attempt, openMenu, toast } from "./popups.js";
import { rich } from "./rich.js";
import { authorName, day, dayKey, initial, medium, personTint, preview, serviceText, time } from "./show.js";
import { on, persona, state, topic } from "./state.js";

const answered = new Set(); // presses whose answer came before we knew their id
const TOGETHER_SECONDS = 300;
const sorted = () => [...state.messages.values()].sort((a, b) => a.message_id - b.message_id);
const sameHand = (a, b) => a && b && !a.is_service && !b.is_service && a.author.id === b.author.id && a.is_anonymous === b.is_anonymous && Math.abs(a.date - b.date) < TOGETHER_SECONDS;

function isOwn(message) {
  const me = persona();
  return message.is_anonymous ? me.isAnonymous : message.author.id === me.id && !me.isAnonymous;
}

/** Rows to draw: day lines, service notes and bubbles that know their neighbours. */
function rows() {
  const shown = [];
  let before = null;
  const messages = sorted();
  messages.forEach((message, place) => {
    if (!before || dayKey(before.date) !== dayKey(message.date)) {
      shown.push({ key: `day ${dayKey(message.date)}`, signature: day(message.date), date: message.date });
      before = null;
    }
    const isFirst = !sameHand(before, message);
    const isLast = !sameHand(message, messages[place + 1]);
    const quoted = message.reply_to && message.reply_to !== message.thread_id ? state.messages.get(message.reply_to) : null;
    const waiting = [...state.presses.values()].filter((one) => one.startsWith(`${message.message_id}/`));
    const signature = JSON.stringify([message, isFirst, isLast, isOwn(message), quoted && [authorName(quoted), preview(quoted)], waiting]);
    shown.push({ key: String(message.message_id), signature, message, isFirst, isLast, quoted });
    before = message;
  });
  return shown;
}

export function drawMessages() {
  const scroll = byId("scroll");
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  reconcile(byId("messages"), rows(), build);
  byId("no-messages").hidden = state.messages.size > 0 || state.threadId === null;
  byId("no-messages").replaceChildren(
    h("strong", {}, state.threadId === 0 ? "The General topic" : "No messages"),
    state.threadId === 0 ? "Talk among agents. Customers get topics of their own." : "Write the first one below.",
  );
  if (isAtEnd) scroll.scrollTop = scroll.scrollHeight;
  drawPinned();
}

export function toEnd() {
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
}

function build({ message, date, isFirst, isLast, quoted }) {
  if (!message) return h("li.day", {}, day(date));
  if (message.is_service) {
    const [who, what] = serviceText(message);
    return h("li.note", {}, h("b", {}, who), ` ${what}`);
  }
  const own = isOwn(message);
  const name = authorName(message);
  const classes = [own && "is-own", isFirst && "is-first", isLast && "is-last"].filter(Boolean).join(" ");
  return h(
    "li.message",
    { class: classes, "data-id": message.message_id },
    own || !isLast ? null : avatar(message, name),
    h(
      "div.body",
      {},
      h(
        "div.bubble",
        { class: message.kind === "sticker" ? "is-bare" : "" },
        isFirst && !own ? author(message, name) : null,
        quoted ? quote(quoted) : null,
        ...content(message),
        h("span.stamp", { title: `Message ${message.message_id}` }, `${message.edit_date ? "edited " : ""}${time(message.date)}`),
        h("button.icon-button.message-menu", { type: "button", "aria-label": `Actions for the message of ${name}`, onclick: (event) => menu(event.currentTarget, message, own) }, icon("more")),
      ),
      message.keyboard.length ? keys(message) : null,
      reactions(message),
    ),
  );
}

function avatar(message, name) {
  if (message.author.is_bot && !message.is_anonymous) return h("span.avatar.small.avatar-bot", { "aria-hidden": "true" }, h("img", { src: "/page/mark.svg", alt: "" }));
  return h("span.avatar.small", { style: { "--tint": message.is_anonymous ? "var(--line)" : personTint(message.author.id) }, "aria-hidden": "true" }, initial(name));
}

function author(message, name) {
  const tag = message.is_anonymous ? "admin" : message.author.is_bot ? "bot" : "";
  return h("div.author", {}, name, tag ? h("span.tag", {}, tag) : null);
}

function quote(quoted) {
  return h("button.quote", { type: "button", onclick: () => find(quoted.message_id) }, h("b", {}, authorName(quoted)), h("span", {}, preview(quoted)));
}

function content(message) {
  const words = message.text ? [h("span.text", { dir: "auto" }, rich(message.text, message.entities))] : [];
  if (message.kind === "text") return words;
  const [mark, name] = medium(message.kind);
  if (message.kind === "sticker") return [h("div.sticker", { role: "img", "aria-label": name }, message.content.sticker?.emoji ?? mark)];
  if (message.kind === "photo") {
    const [largest] = message.content.photo.slice(-1);
    return [h("img.photo", { src: `/sim/files/${largest.file_id}`, alt: name, width: largest.width, height: largest.height, loading: "lazy" }), ...words];
  }
  const about = message.content[message.kind] ?? {};
  const detail = about.file_name ?? (about.duration ? `0:${String(about.duration).padStart(2, "0")}` : "");
  return [h("div.medium", {}, h("span.medium-icon", { "aria-hidden": "true" }, mark), h("span", {}, h("b", {}, about.file_id ? h("a", { href: `/sim/files/${about.file_id}`, target: "_blank", rel: "noreferrer noopener" }, name) : name), h("small", {}, detail))), ...words];
}

function keys(message) {
  return h(
    "div.keys",
    {},
    message.keyboard.map((row, y) =>
      h(
        "div.keys-row",
        {},
        row.map((button, x) => {
          if (/^https?:\/\//i.test(button.url ?? "")) return h("a.key", { href: button.url, target: "_blank", rel: "noreferrer noopener", "data-style": button.style }, button.text);
          const key = `${message.message_id}/${y}/${x}`;
          const isWaiting = [...state.presses.values()].includes(key);
          return h("button.key", { type: "button", class: isWaiting ? "is-waiting" : "", "data-style": button.style, onclick: () => press(message, button, key) }, button.text);
        }),
      ),
    ),
  );
}

async function press(message, button, key) {
  const made = await attempt(() => post(`/groups/${state.chatId}/messages/${message.message_id}/press`, { user_id: persona().id, data: button.callback_data ?? "" }));
  // The bot's answer may well be here before the answer to our own request.
  if (!made || answered.delete(made.id)) return;
  state.presses.set(made.id, key);
  drawMessages();
  setTimeout(() => {
    if (state.presses.delete(made.id)) drawMessages();
  }, (state.settings?.server_options.callback_seconds ?? 15) * 1000);
}

function reactions(message) {
  const all = Object.values(message.reactions).flat();
  if (!all.length) return null;
  const counts = new Map();
  for (const emoji of all) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  return h("div.reactions", {}, [...counts].map(([emoji, count]) => h("span.reaction", {}, count > 1 ? `${emoji} ${count}` : emoji)));
}

function menu(anchor, message, own) {
  const path = `/groups/${state.chatId}/messages/${message.message_id}`;
  const user = persona().id;
  const mine = message.reactions[user] ?? [];
  const react = (emoji) => attempt(() => post(`${path}/react`, { user_id: user, emoji: mine.includes(emoji) ? [] : [emoji] }));
  openMenu(anchor, [
    { row: ["👍", "❤️", "🔥", "😢", "👀"].map((emoji) => ({ label: emoji, run: () => react(emoji) })) },
    { label: "Reply", icon: "reply", run: () => replyTo(message) },
    own && (message.kind === "text" || message.text) ? { label: "Edit", icon: "edit", run: () => edit(message) } : null,
    message.is_pinned
      ? { label: "Unpin", icon: "pin", run: () => attempt(() => remove(`${path}/pin`)) }
      : { label: "Pin", icon: "pin", run: () => attempt(() => post(`${path}/pin`, { user_id: user })) },
    { label: "Delete", icon: "close", isDanger: true, run: () => attempt(() => remove(path)) },
  ]);
}

function drawPinned() {
  const bar = byId("pinned");
  const newest = state.messages.get(topic()?.pinned.at(-1));
  bar.hidden = !newest;
  if (!newest) return;
  bar.replaceChildren(icon("pin"), h("span.pinned-text", {}, h("b", {}, "Pinned message"), h("span", {}, preview(newest))));
  bar.onclick = () => find(newest.message_id);
}

function find(messageId) {
  const element = byId("messages").querySelector(`[data-id="${messageId}"]`);
  if (!element) return;
  element.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  element.classList.remove("is-found");
  requestAnimationFrame(() => element.classList.add("is-found"));
}

export function prepareMessages() {
  on("answer", (answer) => {
    if (answer.user_id !== persona().id) return;
    if (state.presses.delete(answer.id)) drawMessages();
    else answered.add(answer.id);
    if (answer.show_alert) ask({ title: "The bot says", text: answer.text });
    else if (answer.text) toast(answer.text);
  });
}
