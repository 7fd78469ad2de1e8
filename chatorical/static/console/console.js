// Small things that only the browser can do: times in the reader's own zone, a form that follows a
// choice, and copying.
(function () {
  "use strict";

  var full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  var clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  var hour = new Intl.DateTimeFormat(undefined, { hour: "numeric" });

  function localiseTimes() {
    document.querySelectorAll("time[datetime]").forEach(function (element) {
      var text = element.getAttribute("datetime");
      if (text.indexOf("T") === -1) return;
      var moment = new Date(text);
      if (isNaN(moment)) return;
      if (element.classList.contains("c-clock")) element.textContent = clock.format(moment);
      if (element.classList.contains("c-hour")) {
        element.textContent = hour.format(moment);
        var bar = element.parentElement;
        bar.title = bar.title.replace(/^.*? UTC/, full.format(moment));
      } else {
        element.title = full.format(moment);
      }
    });
  }

  // What is chosen here decides what the rest of the form asks for: the server draws it anew.
  function reshapeForm(event) {
    var address = new URL(location.href);
    event.target.form.querySelectorAll("select[name], input[name]").forEach(function (field) {
      if (field.value && /^(tenant|key|user|locale)$/.test(field.name)) {
        address.searchParams.set(field.name, field.value);
      }
    });
    // Unfold's own guard against leaving; nothing is lost by this step.
    window.removeEventListener("beforeunload", window.preventLeaving);
    location.assign(address);
  }

  // A secret that is shown once: select it by touching it, copy it by the button.
  function offerCopies() {
    document.querySelectorAll("[data-select-all]").forEach(function (field) {
      field.addEventListener("focus", function () { field.select(); });
    });
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      button.addEventListener("click", function () {
        var field = document.querySelector(button.dataset.copy);
        field.focus();
        if (!navigator.clipboard) {
          button.textContent = "Press Ctrl+C";
          return;
        }
        navigator.clipboard.writeText(field.value).then(function () {
          button.textContent = "Copied";
        }, function () {
          button.textContent = "Press Ctrl+C";
        });
      });
    });
  }

  // Something is under way on the server: look again soon, unless somebody has begun to type.
  function reloadSoon() {
    if (!document.querySelector("[data-reloads]")) return;
    var isTyping = false;
    document.addEventListener("input", function () { isTyping = true; });
    setTimeout(function () { if (!isTyping) location.reload(); }, 1500);
  }

  // The search boxes that replace long lists of choices know nothing of their labels.
  function nameSearchBox(box) {
    var select = box.parentElement.querySelector("select");
    if (!select) return;
    var label = select.labels && select.labels[0];
    var name = label ? label.textContent.trim() : select.name.split("__")[0];
    box.querySelectorAll("[role=combobox], [role=textbox]").forEach(function (part) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", name);
    });
  }

  // They are made whenever the theme gets round to it.
  function nameSearchBoxes() {
    document.querySelectorAll(".select2-container").forEach(nameSearchBox);
    new MutationObserver(function (changes) {
      changes.forEach(function (change) {
        change.addedNodes.forEach(function (node) {
          if (node.classList && node.classList.contains("select2-container")) nameSearchBox(node);
        });
      });
    }).observe(document.body, { childList: true, subtree: true });
  }

  // Icons are drawn by the names of the icons, which nobody should have to listen to.
  function silenceIcons() {
    document.querySelectorAll(".material-symbols-outlined").forEach(function (icon) {
      var control = icon.closest("a, button");
      var name = icon.textContent.trim();
      icon.setAttribute("aria-hidden", "true");
      if (!control || control.hasAttribute("aria-label") || control.title) return;
      var words = control.cloneNode(true);
      words.querySelectorAll(".material-symbols-outlined").forEach(function (one) { one.remove(); });
      if (!words.textContent.trim()) control.setAttribute("aria-label", name.replace(/_/g, " "));
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    localiseTimes();
    nameSearchBoxes();
    silenceIcons();
    reloadSoon();
    offerCopies();
    document.querySelectorAll("[data-shapes-form]").forEach(function (element) {
      element.addEventListener("change", reshapeForm);
    });
  });
})();
