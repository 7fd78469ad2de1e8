// Small things that only the browser can do: times in the reader's own zone and a form that
// follows a choice.
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

  document.addEventListener("DOMContentLoaded", function () {
    localiseTimes();
    document.querySelectorAll("[data-shapes-form]").forEach(function (element) {
      element.addEventListener("change", reshapeForm);
    });
  });
})();
