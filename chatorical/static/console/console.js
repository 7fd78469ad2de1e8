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

  document.addEventListener("DOMContentLoaded", function () {
    localiseTimes();
    reloadSoon();
    offerCopies();
    document.querySelectorAll("[data-shapes-form]").forEach(function (element) {
      element.addEventListener("change", reshapeForm);
    });
  });
})();
