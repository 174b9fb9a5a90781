// Loaded before the first paint, so that a dark page never flashes white.
(() => {
  "use strict";
  const KEY = "clearwork-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const ofSystem = () => (system.matches ? "dark" : "light");

  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be blocked: follow the system
    }
  };

  const choose = (theme) => {
    try {
      if (theme === ofSystem()) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // the choice then lasts for this page only
    }
    root.dataset.bsTheme = theme;
  };

  const apply = () => {
    root.dataset.bsTheme = chosen() || ofSystem();
  };

  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    choose(root.dataset.bsTheme === "dark" ? "light" : "dark");
  });
})();
