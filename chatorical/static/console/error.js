// The theme that was chosen in the console, else the system's; before anything is painted.
(function () {
  "use strict";

  var theme = (localStorage.getItem("_x_adminTheme") || "").replace(/"/g, "");
  var isDark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", isDark);
})();
