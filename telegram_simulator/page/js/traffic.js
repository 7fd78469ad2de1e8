// The drawer's log of calls, and webhook delivery.

import { get, patch, post } from "./api.js";
import { byId, h, reconcile } from "./dom.js";
import { attempt, toast } from "./popups.js";
import { plural, preciseTime } from "./show.js";
import { botHere, state } from "./state.js";

let delivery = { pending: [], attempts: [] };

function outcome(call) {
  if (!call.is_done) return ["wait", "…"];
  if (call.ok) return ["ok", "200"];
  return ["no", call.status ? String(call.status) : call.fault.replaceAll("_", " ")];
}

export function drawCalls(panel) {
  if (!panel.querySelector(".log")) panel.replaceChildren(h("p.hint", { id: "call-sum" }), h("div.log", { id: "log" }));
  byId("call-sum").replaceChildren(
    state.violations ? h("span.bad", {}, `${plural(state.violations, "call")} broke the Bot API's rules. `) : "No call broke the Bot API's rules. ",
    `Newest first.`,
  );
  reconcile(
    byId("log"),
    state.calls.slice(0, 100).map((call) => ({ key: String(call.seq), signature: String(call.is_done), call })),
    ({ call }) => {
      const [kind, word] = outcome(call);
      const about = { ...(call.params ?? {}) };
      return h(
        "details",
        {},
        h("summary", {}, h("time", {}, preciseTime(call.at)), h("span.name", {}, call.method), h("span", {}, h("span", { class: kind }, word), h("span.took", {}, call.is_done ? `  ${call.took_ms.toFixed(call.took_ms < 10 ? 1 : 0)} ms` : ""))),
        h("pre", {}, [call.description, JSON.stringify(about, null, 2)].filter(Boolean).join("\n")),
      );
    },
  );
}

/** `isWanted` tells whether the panel still shows deliveries when the answer is there. */
export async function drawDeliveries(panel, isWanted) {
  const bot = botHere();
  if (bot) delivery = (await attempt(() => get(`/bots/${bot.id}/updates?limit=60`))) ?? delivery;
  if (isWanted()) drawDelivery(panel, bot);
}

function drawDelivery(panel, bot) {
  const rules = state.settings?.delivery;
  if (!bot || !rules) return panel.replaceChildren(h("p.empty", {}, "There is no bot yet."));
  const set = (change) => attempt(() => patch("/settings", { delivery: change }));
  const hook = bot.webhook;
  const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  return panel.replaceChildren(
    h(
      "section",
      {},
      h("h3", {}, "Webhook"),
      h("dl.facts", {}, fact("Address", hook.url ? hook.url.replace(/\/[^/]+$/, "/…") : "none: updates wait for getUpdates"), fact("Waiting", plural(hook.pending, "update")), hook.last_error_message ? fact("Last error", `${hook.last_error_message} at ${preciseTime(hook.last_error_date)}`) : []),
    ),
    h(
      "section",
      {},
      h("h3", {}, "Disturb it"),
      h(
        "div.stack",
        {},
        h("div.row", {}, h("label", { for: "hold" }, "Hold all updates back"), h("input.switch", { id: "hold", type: "checkbox", checked: rules.held_kinds.includes("*"), onchange: (event) => set({ held_kinds: event.target.checked ? ["*"] : [] }) })),
        h("div.row", {}, h("label", { for: "twice" }, "Deliver everything twice"), h("input.switch", { id: "twice", type: "checkbox", checked: rules.extra_copies > 0, onchange: (event) => set({ extra_copies: event.target.checked ? 1 : 0 }) })),
        h("div.row", {}, h("button.button.small", { type: "button", onclick: () => set({ lose_answers: rules.lose_answers + 1 }).then(() => toast("The next answer gets lost; the update comes again")) }, "Lose the next answer"), h("button.button.small", { type: "button", onclick: () => attempt(() => post("/retry")) }, "Retry now")),
      ),
    ),
    h(
      "section",
      {},
      h("h3", {}, "Deliveries"),
      delivery.attempts.length ? null : h("p.hint", {}, "None yet."),
      h(
        "div.log",
        {},
        [...delivery.attempts].reverse().map((one) =>
          h("details", {}, h("summary", {}, h("time", {}, preciseTime(one.at)), h("span.name", {}, `${one.kind} ${one.update_id}`), h("span", {}, h("span", { class: one.error ? "no" : "ok" }, one.status ? String(one.status) : "none"), h("span.took", {}, `  ${one.took_ms.toFixed(0)} ms`))), one.error ? h("pre", {}, one.error) : null),
        ),
      ),
    ),
  );
}
