// Writing, answering, editing, and choosing who one is.

import { patch, post } from "./api.js";
import { byId, h, icon } from "./dom.js";
import { attempt, openMenu } from "./popups.js";
import { authorName, initial, medium, personTint, preview } from "./show.js";
import { ANONYMOUS, become, botHere, isAdmin, people, persona, state } from "./state.js";

const MORE_KINDS = ["photo", "document", "video", "audio", "location", "contact", "poll", "dice", "unknown"];
let about = null; // {mode: "reply" | "edit", message}
let offered = [];
let chosen = 0;
const drafts = new Map();

export function replyTo(message) {
  about = { mode: "reply", message };
  drawAbout();
  byId("write").focus();
}
export function edit(message) {
  about = { mode: "edit", message };
  byId("write").value = message.text;
  drawAbout();
  grow();
  byId("write").focus();
}

export function prepareComposer() {
  const form = byId("composer");
  form.append(
    h("ul.commands", { id: "commands", role: "listbox", "aria-label": "Commands", hidden: true }),
    h("div.composer-about", { id: "about", hidden: true }),
    h(
      "div.composer-in",
      {},
      h("label.persona", { id: "persona", title: "Who you are" }, h("span.avatar", { "aria-hidden": "true" }), h("span.persona-name", { "aria-hidden": "true" }), icon("down"), h("select", { "aria-label": "Write as", onchange: (event) => become(event.target.value) })),
      h("textarea", { id: "write", rows: 1, "aria-label": "Message", enterkeyhint: "send", oninput: typed, onkeydown: key }),
      h("button.icon-button", { type: "button", title: "Send a sticker", "aria-label": "Send a sticker", onclick: () => send("sticker") }, icon("sticker")),
      h("button.icon-button", { type: "button", "data-kind": "voice", title: "Send a voice message", "aria-label": "Send a voice message", onclick: () => send("voice") }, icon("mic")),
      h("button.icon-button", { type: "button", title: "Send something else", "aria-label": "Send something else", onclick: more }, icon("clip")),
      h("button.icon-button.send", { id: "send", type: "submit", "aria-label": "Send", hidden: true }, icon("send")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

export function drawPersona() {
  const me = persona();
  const avatar = byId("persona").querySelector(".avatar");
  avatar.textContent = me.isAnonymous ? "?" : initial(me.name);
  byId("persona").querySelector(".persona-name").textContent = me.isAnonymous ? "Anonymous" : me.name.split(" ")[0];
  avatar.style.setProperty("--tint", me.isAnonymous ? "var(--line)" : personTint(me.id));
  byId("persona").title = `You are ${me.isAnonymous ? "an anonymous admin" : me.name}`;
  const choices = people().flatMap((one) => [
    h("option", { value: `${one.id}:`, selected: one.id === me.id && !me.isAnonymous }, one.name),
    isAdmin(one) ? h("option", { value: `${one.id}:${ANONYMOUS}`, selected: one.id === me.id && me.isAnonymous }, `${one.name}, as anonymous admin`) : null,
  ]);
  byId("persona").querySelector("select").replaceChildren(...choices.filter(Boolean));
  byId("write").placeholder = me.isAnonymous ? "Write as an anonymous admin" : `Write as ${me.name}`;
}

/** Another topic was opened: put away what was being written, take out what was before. */
export function switchDraft(from, to) {
  if (about?.mode !== "edit") drafts.set(from, byId("write").value);
  about = null;
  byId("write").value = drafts.get(to) ?? "";
  drawAbout();
  typed();
}

function drawAbout() {
  const bar = byId("about");
  bar.hidden = !about;
  if (!about) return;
  bar.replaceChildren(
    h("div", {}, h("b", {}, about.mode === "edit" ? "Editing" : `Reply to ${authorName(about.message)}`), h("span", {}, preview(about.message))),
    h("button.icon-button", { type: "button", "aria-label": "Cancel", onclick: cancel }, icon("close")),
  );
}

function cancel() {
  if (about?.mode === "edit") byId("write").value = "";
  about = null;
  drawAbout();
  typed();
  byId("write").focus();
}

async function submit() {
  const field = byId("write");
  const text = field.value.trim();
  if (!text) return;
  const was = about;
  field.value = "";
  about = null;
  drawAbout();
  typed();
  const done = was?.mode === "edit"
    ? await attempt(() => patch(`/groups/${state.chatId}/messages/${was.message.message_id}`, { user_id: persona().id, text }))
    : await send("text", text, was?.message.message_id ?? 0);
  if (!done) {
    field.value = text;
    about = was;
    drawAbout();
    typed();
  }
}

function send(kind, text = "", replyToId = 0) {
  const me = persona();
  const order = { user_id: me.id, thread_id: state.threadId ?? 0, kind, text, reply_to: replyToId, anonymous: me.isAnonymous };
  return attempt(() => post(`/groups/${state.chatId}/messages`, order));
}

function more(event) {
  openMenu(
    event.currentTarget,
    MORE_KINDS.map((kind) => ({ label: medium(kind).join("  "), run: () => send(kind, kind === "photo" || kind === "document" ? byId("write").value.trim() : "") })),
  );
}

function grow() {
  const field = byId("write");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 126)}px`;
}

function typed() {
  byId("send").hidden = !byId("write").value.trim();
  grow();
  offer();
}

/** The bot's commands, while a command is being typed. */
function offer() {
  const begun = /^\/(\w*)$/.exec(byId("write").value);
  offered = begun ? (botHere()?.commands ?? []).filter((one) => one.command.startsWith(begun[1].toLowerCase())) : [];
  chosen = Math.min(chosen, Math.max(offered.length - 1, 0));
  const list = byId("commands");
  list.hidden = !offered.length;
  list.replaceChildren(
    ...offered.map((one, place) => h("li", { role: "option", "aria-selected": String(place === chosen), onclick: () => take(one) }, h("b", {}, `/${one.command}`), h("span", {}, one.description))),
  );
}

function take(command) {
  byId("write").value = `/${command.command} `;
  typed();
  byId("write").focus();
}

function key(event) {
  if (offered.length && ["ArrowDown", "ArrowUp", "Tab"].includes(event.key)) {
    event.preventDefault();
    if (event.key === "Tab") return take(offered[chosen]);
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : -1) + offered.length) % offered.length;
    return offer();
  }
  if (event.key === "Escape" && about) return cancel();
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
  return undefined;
}
