// Toasts, menus and questions.

import { h, icon } from "./dom.js";
import { Refused } from "./api.js";

export function toast(text, seconds = 3.5) {
  const shown = h("div.toast", {}, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), seconds * 1000);
}

/** Run something that the simulator may refuse; its reason becomes a toast. */
export async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
    toast(error instanceof Refused ? sentence(error.message) : "The simulator does not answer. Is it running?");
    return null;
  }
}
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A menu at a button. Entries: {label, icon, run, isDanger} or {row: [{label, run}]}. */
export function openMenu(anchor, entries) {
  document.querySelector(".menu")?.remove();
  const menu = h("div.menu", { role: "menu", popover: "auto" });
  for (const entry of entries.filter(Boolean)) {
    if (entry.row) menu.append(h("div.emoji-row", {}, entry.row.map((one) => item(menu, one, one.label))));
    else menu.append(item(menu, entry, [entry.icon ? icon(entry.icon) : null, entry.label]));
  }
  document.body.append(menu);
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed") {
      menu.remove();
      if (!document.activeElement || document.activeElement === document.body) anchor.focus();
    }
  });
  menu.addEventListener("keydown", (event) => {
    const buttons = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus();
  });
  menu.showPopover();
  const box = anchor.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right - size.width, innerWidth - size.width - 8))}px`;
  const below = box.bottom + 6;
  menu.style.top = `${below + size.height > innerHeight - 8 ? Math.max(8, box.top - size.height - 6) : below}px`;
  menu.querySelector("button").focus();
}

function item(menu, entry, content) {
  return h(
    "button",
    {
      type: "button",
      role: "menuitem",
      class: entry.isDanger ? "danger" : "",
      onclick: () => {
        menu.hidePopover();
        entry.run();
      },
    },
    content,
  );
}

/** Ask for a line of text, or for a yes when `value` is undefined; null means no. */
export function ask({ title, text = "", value, yes, isDanger = false }) {
  return new Promise((resolve) => {
    const input = value === undefined ? null : h("input.control", { value, maxlength: 128, "aria-label": title });
    const dialog = h(
      "dialog.ask",
      { "aria-labelledby": "ask-title" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "ask-title" }, title),
        text ? h("p", {}, text) : null,
        input,
        h(
          "div.ask-buttons",
          {},
          yes ? h("button.button", { type: "button", onclick: () => dialog.close("") }, "Cancel") : null,
          h(`button.button.main${isDanger ? ".danger-main" : ""}`, { value: "yes" }, yes ?? "Fine"),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? (input ? input.value.trim() : true) : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    input?.select();
  });
}
