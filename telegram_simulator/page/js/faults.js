// The drawer's faults: faults to order, the flood limit, the bot's place in the group.

import { patch, post, put, remove } from "./api.js";
import { h, icon } from "./dom.js";
import { attempt, toast } from "./popups.js";
import { plural } from "./show.js";
import { botHere, group, state } from "./state.js";

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

export function faults() {
  const flood = h("section", {}, h("h3", {}, "Flood limit"), budget(), limits());
  return [sky(), brew(), standing(), flood, directory()];
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

export function budget() {
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

function directory() {
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
      h("div.row", {}, h("label", { for: "bot-privacy" }, "Privacy mode: hears commands and replies only"), h("input.switch", { id: "bot-privacy", type: "checkbox", checked: bot.privacy, onchange: (event) => attempt(() => put(`/bots/${bot.id}/privacy`, { enabled: event.target.checked })) })),
      h("div.row", {}, h("label", { for: "bot-standing" }, `${bot.name} is`), h("select.control.wide", { id: "bot-standing", onchange: (event) => setStanding(event.target.value) }, [["administrator", "an administrator"], ["member", "a plain member"], ["restricted", "a restricted member"], ["left", "not in the group"], ["kicked", "kicked out"]].map(([value, label]) => h("option", { value, selected: member.standing === value }, label)))),
      member.standing === "administrator" ? rightsOf(here, bot, member) : "",
      h("div.row", {}, h("label", { for: "forum" }, "Topics are on"), h("input.switch", { id: "forum", type: "checkbox", checked: here.is_forum, onchange: (event) => attempt(() => put(`/groups/${here.id}/forum`, { enabled: event.target.checked })) })),
    ),
  );
}

const RIGHTS = [["can_manage_topics", "May manage topics"], ["can_pin_messages", "May pin messages"], ["can_delete_messages", "May delete messages"]];

function rightsOf(here, bot, member) {
  const set = (right, isGiven) => attempt(() => put(`/groups/${here.id}/members/${bot.id}`, { standing: "administrator", rights: isGiven ? [...member.rights, right] : member.rights.filter((one) => one !== right) }));
  return h("div.stack", {}, RIGHTS.map(([right, label]) => h("div.row", {}, h("label", { for: right }, label), h("input.switch", { id: right, type: "checkbox", checked: member.rights.includes(right), onchange: (event) => set(right, event.target.checked) }))));
}
