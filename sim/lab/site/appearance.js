// @ts-check
// Light or dark, and large letters for a projector: set before the first paint, and kept on this device only.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  /** @param {string} name @param {string} otherwise */
  const read = (name, otherwise) => { try { return localStorage.getItem(name) ?? otherwise; } catch { return otherwise; } };
  const apply = () => {
    const theme = read("theme", "auto");
    root.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.scale = read("scale", "normal");
    dispatchEvent(new Event("appearance"));
  };
  dark.addEventListener("change", apply);
  Object.assign(window, {
    appearance: {
      read,
      /** @param {string} name @param {string} value */
      set(name, value) {
        try { localStorage.setItem(name, value); } catch { root.dataset[name] = value; }
        apply();
      },
    },
  });
  apply();
})();
