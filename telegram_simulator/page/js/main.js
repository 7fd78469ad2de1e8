// Starts the page and says what is redrawn when.

import { drawPersona, prepareComposer, switchDraft } from "./composer.js";
import { byId } from "./dom.js";
import { prepareDrawer } from "./drawer.js";
import { follow } from "./live.js";
import { drawMessages, prepareMessages, toEnd } from "./messages.js";
import { load, markRead, on, openTopic, state } from "./state.js";
import { drawGroup, drawTopics, prepareTopics } from "./topics.js";

prepareTopics();
prepareMessages();
prepareComposer();
prepareDrawer();

let draftOf = null;
on("topics", drawTopics);
on("group", drawGroup);
on("messages", drawMessages);
on("persona", drawPersona);
on("opened", () => {
  const now = `${state.chatId}/${state.threadId}`;
  switchDraft(draftOf, now);
  draftOf = now;
});
on("link", () => {
  const foot = byId("link-state");
  foot.classList.toggle("is-lost", !state.isConnected);
  foot.textContent = state.isConnected ? "" : "The simulator does not answer. Trying again.";
});
document.addEventListener("visibilitychange", markRead);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    byId("find").focus();
  }
});

async function start() {
  try {
    const seq = await load();
    const [, thread] = location.hash.slice(1).split("/");
    const isWide = matchMedia("(min-width: 721px)").matches;
    if (thread !== undefined && state.topics.has(Number(thread))) await openTopic(Number(thread));
    else if (isWide) await openTopic(0);
    else drawTopics();
    toEnd();
    follow(seq);
  } catch {
    state.isConnected = false;
    byId("link-state").classList.add("is-lost");
    byId("link-state").textContent = "The simulator does not answer. Trying again.";
    setTimeout(start, 1500);
  }
}
start();
