// What customers and agents will see of a system message, while it is being written.
(function () {
  "use strict";

  function follow() {
    var data = document.getElementById("template-preview-rules");
    var text = document.getElementById("id_text");
    if (!data || !text) return;
    var rules = JSON.parse(data.textContent);

    function isOn(name) {
      var field = document.getElementById("id_" + name);
      return Boolean(field && field.checked);
    }

    function fillIn(written) {
      return written.replace(/\{([a-z_]+)\}/g, function (whole, name) {
        return Object.hasOwn(rules.sample, name) ? rules.sample[name] : whole;
      });
    }

    function unknownIn(written) {
      var found = written.match(/\{[^{}\s]{1,64}\}/g) || [];
      return found.filter(function (name, index) {
        return !Object.hasOwn(rules.sample, name.slice(1, -1)) && found.indexOf(name) === index;
      });
    }

    function show() {
      var select = document.getElementById("id_key");
      var key = select ? select.value : rules.key;
      var said = fillIn(text.value).trim();
      var isSaid = isOn("enabled") && said !== "";
      var isLine = key === rules.belowHistory;
      var parts = {
        message: isSaid && !isLine && isOn("to_customer_persist") && rules.neverKept.indexOf(key) < 0,
        note: isSaid && !isLine && isOn("to_customer_ws"),
        line: isSaid && isLine,
        post: isSaid && !isLine && isOn("to_agents"),
        pin: isSaid && !isLine && isOn("to_agents") && isOn("pin"),
      };
      parts.nothing = !parts.message && !parts.note && !parts.line;
      parts.silence = !parts.post;
      Object.keys(parts).forEach(function (name) {
        document.querySelector('[data-part="' + name + '"]').hidden = !parts[name];
      });
      document.querySelectorAll("[data-preview-text]").forEach(function (element) {
        element.textContent = said;
      });
      var unknown = unknownIn(text.value);
      var warning = document.querySelector('[data-part="unknown"]');
      warning.hidden = unknown.length === 0;
      warning.querySelector("bdi").textContent = unknown.join(", ");
    }

    text.form.addEventListener("input", show);
    text.form.addEventListener("change", show);
    show();
  }

  document.addEventListener("DOMContentLoaded", follow);
})();
