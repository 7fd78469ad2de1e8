// The drawer: weather (faults and limits), calls, delivery.

import { get, patch, post, put, remove } from "./api.js";
import { byId, h, icon, reconcile } from "./dom.js";
import { attempt, toast } from "./popups.js";
import { plural, preciseTime } from "./show.js";
import { botHere, group, on, refreshBudget, refreshWeather, state } from "./state.js";

const PRESETS = [
  ["Flood", "429, wait 10 s", { kind: "flood", retry_after: 10 }],
  ["Server error", "500", { kind: "error", name: "server_error" }],
  ["Bad gateway", "502 with an HTML page", { kind: "html" }],
  ["Slow", "answers after 3 s", { kind: "slow", delay_ms: 3000 }],
  ["Timeout", "nothing happened", { kind: "timeout" }],
  ["Timeout after effect", "it happened, no answer", { kind: "timeout", after_effect: true }],
  ["Cut off", "connection reset", { kind: "reset" }],
  ["Cut off after effect", "it happened, no answer", { kind: "reset", after_effect: true }],
  ["Topic gone", "message thread not found", { kind: "error", name: "thread_not_found" }],
  ["Unauthorized", "401", { kind: "error", name: "unauthorized" }],
  ["No rights", "not enough rights", { kind: "error", name: "no_right_send_text" }],
  ["Kicked", "403", { kind: "error", name: "kicked" }],
];
const METHODS = ["", "sendMessage", "createForumTopic", "editForumTopic", "closeForumTopic", "reopenForumTopic", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery", "pinChatMessage", "setWebhook", "getMe"];
const OFTEN = [["next call", { times: 1 }], ["next 5 calls", { times: 5 }], ["every call", { times: null }], ["3 calls in 10", { times: null, probability: 0.3 }]];
const choice = { method: "", often: 0 };
let tab = "weather";
let delivery = { pending: [], attempts: [] };

const isOpen = () => !byId("drawer").hidden;

function toggle(open = !isOpen()) {
  byId("drawer").hidden = !open;
  byId("app").classList.toggle("with-drawer", open);
  byId("weather-open").setAttribute("aria-expanded", String(open));
  state.isWatchingTraffic = open;
  if (!open) return byId("weather-open").focus();
  refreshWeather();
  draw();
  return byId("drawer").querySelector("[role=tab][aria-selected=true]").focus();
}

export function prepareDrawer() {
  byId("weather-open").addEventListener("click", () => toggle());
  byId("drawer").addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
  on("weather", () => {
    byId("weather-dot").hidden = !state.faults.length;
    if (isOpen() && tab === "weather") draw();
  });
  on("budget", () => isOpen() && tab === "weather" && byId("budget")?.replaceWith(budget()));
  on("traffic", () => isOpen() && (tab === "calls" ? drawCalls() : tab === "delivery" ? loadDelivery() : null));
  // A spent budget comes back by itself, without an event.
  setInterval(() => isOpen() && tab === "weather" && refreshBudget(), 2000);
}

function draw() {
  const drawer = byId("drawer");
  const name = (id, label, count = "", isBad = false) =>
    h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(tab === id), "aria-controls": "panel", onclick: () => pick(id) }, label, count === "" ? null : h("span.count", { class: isBad ? "is-bad" : "" }, String(count)));
  const hadFocus = drawer.contains(document.activeElement) ? document.activeElement.id : "";
  drawer.replaceChildren(
    h("header.bar", {}, h("div.bar-text", {}, h("h2.bar-title", {}, "Weather and traffic"), h("p.bar-meta", {}, "What the bot meets, and what it does")), h("button.icon-button", { type: "button", "aria-label": "Close", onclick: () => toggle(false) }, icon("close"))),
    h("div.tabs", { role: "tablist", onkeydown: arrows }, name("weather", "Weather", state.faults.length || ""), name("calls", "Calls", state.violations || "", true), name("delivery", "Delivery", botHere()?.webhook.pending || "")),
    h("div.panel", { id: "panel", role: "tabpanel", "aria-labelledby": `tab-${tab}` }),
  );
  if (tab === "weather") byId("panel").append(sky(), brew(), standing(), h("section", {}, h("h3", {}, "Flood limit"), budget(), limits()), household());
  else if (tab === "calls") drawCalls();
  else loadDelivery();
  if (hadFocus) byId(hadFocus)?.focus();
}

function pick(id) {
  tab = id;
  draw();
}
function arrows(event) {
  const tabs = ["weather", "calls", "delivery"];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) {
    pick(tabs[(tabs.indexOf(tab) + step + 3) % 3]);
    byId(`tab-${tab}`).focus();
  }
}

function sky() {
  const count = state.faults.length;
  return h(
    "div.sky",
    {},
    h("span", { class: count ? "is-stormy" : "" }, icon(count ? "storm" : "sun")),
    h("div", {}, h("b", {}, count ? `Stormy: ${plural(count, "fault")} standing` : "Clear skies"), h("p.hint", {}, count ? "Calls of the bot will fail as ordered below." : "Every call of the bot is answered as Telegram would.")),
  );
}

function brew() {
  const order = (fault) => attempt(async () => {
    await post("/faults", { method: choice.method, ...OFTEN[choice.often][1], ...fault });
    toast(`Ordered for the ${OFTEN[choice.often][0]}`);
  });
  return h(
    "section",
    {},
    h("h3", {}, "Make it fail"),
    h(
      "div.stack",
      {},
      h(
        "div.row",
        {},
        h("select.control", { id: "fault-method", "aria-label": "Which method", style: { flex: 1 }, onchange: (event) => (choice.method = event.target.value) }, METHODS.map((one) => h("option", { value: one, selected: one === choice.method }, one || "any method"))),
        h("select.control", { id: "fault-often", "aria-label": "How often", style: { flex: 1 }, onchange: (event) => (choice.often = Number(event.target.value)) }, OFTEN.map(([label], place) => h("option", { value: place, selected: place === choice.often }, label))),
      ),
      h("div.grid", {}, PRESETS.map(([label, detail, fault]) => h("button.button", { type: "button", onclick: () => order(fault) }, label, h("small", {}, detail)))),
    ),
  );
}

function standing() {
  if (!state.faults.length) return "";
  const line = (fault) => {
    const left = fault.times === null ? (fault.probability ?? 1) < 1 ? `${Math.round(fault.probability * 100)}% of calls` : "every call" : `next ${plural(fault.times - (fault.hits ?? 0), "call")}`;
    return h(
      "li.standing",
      {},
      h("div", {}, `${fault.name || fault.label}`.replaceAll("_", " "), h("small", {}, `${fault.method || "any method"} · ${left}`)),
      h("button.icon-button", { type: "button", "aria-label": "Take back", onclick: () => attempt(() => remove(`/faults/${fault.id}`)) }, icon("close")),
    );
  };
  return h("section", {}, h("h3", {}, "Standing"), h("ul.stack", {}, state.faults.map(line)), h("p", { style: { "margin-top": "8px" } }, h("button.button.small", { type: "button", onclick: () => attempt(() => remove("/faults")) }, "Clear the sky")));
}

function budget() {
  const left = botHere()?.budget[String(state.chatId)];
  const limit = state.settings?.pacing.per_group ?? 20;
  if (!left) return h("div", { id: "budget" });
  const share = Math.max(0, Math.min(1, left.posts_left / limit));
  const isOut = left.blocked_seconds > 0 || left.posts_left < 1;
  const isOn = state.settings.pacing.enabled;
  const words = left.blocked_seconds > 0 ? `Refused for another ${Math.ceil(left.blocked_seconds)} s` : isOn ? `${Math.floor(left.posts_left)} of ${limit} posts left in this window` : "Switched off: the bot may post at any pace";
  return h("div", { id: "budget" }, h("div.meter", { class: isOut ? "is-out" : share < 0.3 ? "is-low" : "", hidden: !isOn && !isOut }, h("i", { style: { transform: `scaleX(${share})` } })), h("p.hint", {}, words));
}

function limits() {
  const rules = state.settings?.pacing;
  if (!rules) return "";
  const set = (pacing) => attempt(() => patch("/settings", { pacing }));
  return h(
    "div.stack",
    { style: { "margin-top": "10px" } },
    h("div.row", {}, h("label", { for: "pace" }, "Limit the bot's pace"), h("input.switch", { id: "pace", type: "checkbox", checked: rules.enabled, onchange: (event) => set({ enabled: event.target.checked }) })),
    h("div.row", {}, h("label", { for: "per-group" }, `Posts per ${rules.group_window_seconds} s in a group`), h("input.control", { id: "per-group", type: "number", min: 1, value: rules.per_group, onchange: (event) => event.target.value > 0 && set({ per_group: Number(event.target.value) }) })),
    h("p", {}, h("button.button.small", { type: "button", onclick: () => attempt(() => post("/forgive")) }, "Forget what was spent")),
  );
}

function household() {
  const here = group();
  const bot = botHere();
  const member = here?.members.find((one) => one.id === bot?.id);
  if (!member) return "";
  const setStanding = (value) => attempt(() => put(`/groups/${here.id}/members/${bot.id}`, { standing: value }));
  return h(
    "section",
    {},
    h("h3", {}, "The group"),
    h(
      "div.stack",
      {},
      h("div.row", {}, h("label", { for: "bot-standing" }, `${bot.name} is`), h("select.control.wide", { id: "bot-standing", onchange: (event) => setStanding(event.target.value) }, [["administrator", "an administrator"], ["member", "a plain member"], ["kicked", "kicked out"]].map(([value, label]) => h("option", { value, selected: member.standing === value }, label)))),
      h("div.row", {}, h("label", { for: "forum" }, "Topics are on"), h("input.switch", { id: "forum", type: "checkbox", checked: here.is_forum, onchange: (event) => attempt(() => put(`/groups/${here.id}/forum`, { enabled: event.target.checked })) })),
    ),
  );
}

function outcome(call) {
  if (!call.is_done) return ["wait", "…"];
  if (call.ok) return ["ok", "200"];
  return ["no", call.status ? String(call.status) : call.fault.replaceAll("_", " ")];
}

function drawCalls() {
  const panel = byId("panel");
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

async function loadDelivery() {
  const bot = botHere();
  if (bot) delivery = (await attempt(() => get(`/bots/${bot.id}/updates?limit=60`))) ?? delivery;
  if (isOpen() && tab === "delivery") drawDelivery(bot);
}

function drawDelivery(bot) {
  const panel = byId("panel");
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
