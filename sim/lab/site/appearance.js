// @ts-check
// Light or dark, and large letters for a projector: set before the first paint, and kept on this device only.
// And the words of the reader's language, which come while the scripts do.
(() => {
  const asked = new URLSearchParams(location.hash.split("?")[1]).get("lang") ?? "", languages = [asked, ...navigator.languages].map((one) => one.toLowerCase().split("-")[0]);
  const words = [...languages, "en"].map((one) => /** @type {HTMLLinkElement | null} */ (document.querySelector(`link[rel=words][hreflang="${CSS.escape(one)}"]`))).find(Boolean);
  if (words) words.rel = "preload";
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
