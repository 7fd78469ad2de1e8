// The theme's expressions name functions and objects of the window, which Alpine's build for strict
// policies does not look at: here they are made known to it.
(function () {
  "use strict";

  // Of the window, no more than the theme's templates use.
  var known = {
    window: {
      location: {
        get pathname() { return location.pathname; },
        get search() { return location.search; },
      },
    },
    localStorage: {
      getItem: function (name) { return localStorage.getItem(name); },
      setItem: function (name, value) { localStorage.setItem(name, value); },
    },
  };

  // The parser takes one statement, without functions in it. Where the theme has several, all but
  // the first keep whether the sidebar is open, which an effect of the page does as well.
  function keepSidebar() {
    var keeping = "localStorage.setItem('sidebarDesktopOpen', ";
    ["x-init", "x-on:click"].forEach(function (name) {
      var selector = "[" + CSS.escape(name) + '*="' + keeping + '"]';
      document.querySelectorAll(selector).forEach(function (element) {
        element.setAttribute(name, element.getAttribute(name).split(";")[0]);
        if (name === "x-init") {
          element.setAttribute("x-effect", keeping + "sidebarDesktopOpen ? '1' : '0')");
        }
      });
    });
  }

  document.addEventListener("alpine:init", function () {
    keepSidebar();
    ["searchForm", "searchDropdown", "searchCommand"].forEach(function (name) {
      Alpine.data(name, window[name]);
    });
    // The whole page stands within this one.
    Alpine.data("theme", function (chosen) {
      return Object.assign(window.theme(chosen), known, { getCurrentTab: window.getCurrentTab });
    });
  });
})();
