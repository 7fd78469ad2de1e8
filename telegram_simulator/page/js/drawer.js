// The drawer: faults, calls, delivery.

import { byId, h, icon } from "./dom.js";
import { botHere, on, refreshBudget, refreshFaults, state } from "./state.js";
import { drawCalls, drawDeliveries } from "./traffic.js";
import { budget, faults } from "./faults.js";

let tab = "faults";

const isOpen = () => !byId("drawer").hidden;

function toggle(open = !isOpen()) {
  byId("drawer").hidden = !open;
  byId("app").classList.toggle("with-drawer", open);
  byId("faults-open").setAttribute("aria-expanded", String(open));
  state.isWatchingTraffic = open;
  if (!open) return byId("faults-open").focus();
  refreshFaults();
  draw();
  return byId("drawer").querySelector("[role=tab][aria-selected=true]").focus();
}

export function prepareDrawer() {
  byId("faults-open").addEventListener("click", () => toggle());
  byId("drawer").addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
  on("faults", () => {
    byId("faults-dot").hidden = !state.faults.length;
    if (isOpen() && tab === "faults") draw();
  });
  on("budget", () => isOpen() && tab === "faults" && byId("budget")?.replaceWith(budget()));
  on("traffic", () => isOpen() && drawTraffic());
  // A spent budget comes back by itself, without an event.
  setInterval(() => isOpen() && tab === "faults" && refreshBudget(), 2000);
}

function draw() {
  const drawer = byId("drawer");
  const name = (id, label, count = "", isBad = false) =>
    h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(tab === id), "aria-controls": "panel", onclick: () => pick(id) }, label, count === "" ? null : h("span.count", { class: isBad ? "is-bad" : "" }, String(count)));
  const hadFocus = drawer.contains(document.activeElement) ? document.activeElement.id : "";
  drawer.replaceChildren(
    h("header.bar", {}, h("div.bar-text", {}, h("h2.bar-title", {}, "Faults and traffic"), h("p.bar-meta", {}, "What the bot meets, and what it does")), h("button.icon-button", { type: "button", "aria-label": "Close", onclick: () => toggle(false) }, icon("close"))),
    h("div.tabs", { role: "tablist", onkeydown: arrows }, name("faults", "Faults", state.faults.length || ""), name("calls", "Calls", state.violations || "", true), name("delivery", "Delivery", botHere()?.webhook.pending || "")),
    h("div.panel", { id: "panel", role: "tabpanel", "aria-labelledby": `tab-${tab}` }),
  );
  if (tab === "faults") byId("panel").append(...faults());
  else drawTraffic();
  if (hadFocus) byId(hadFocus)?.focus();
}

function drawTraffic() {
  if (tab === "calls") drawCalls(byId("panel"));
  else if (tab === "delivery") drawDeliveries(byId("panel"), () => isOpen() && tab === "delivery");
}

function pick(id) {
  tab = id;
  draw();
}
function arrows(event) {
  const tabs = ["faults", "calls", "delivery"];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) {
    pick(tabs[(tabs.indexOf(tab) + step + 3) % 3]);
    byId(`tab-${tab}`).focus();
  }
}
