// Save what is shown: the numbers as CSV, the picture as SVG or PNG; each says how it was made.

import { html } from "./draw.js";
import { compose } from "./figure.js";
import { withTexts } from "./png.js";
import { main } from "./state.js";
import { message } from "./messages.js";

const TWICE = 2;

// Buttons for one thing. `describe` gives its picture, its configuration and, if it has numbers, `columns` and `rows`.
export function saveBar(name, title, kinds, describe) {
  const bar = html("p", { class: "save" }, `${message("save")} `);
  for (const kind of kinds) {
    const button = html("button", { type: "button", "aria-label": message("save_as", { title, kind: kind.toUpperCase() }) }, kind.toUpperCase());
    button.addEventListener("click", async () => {
      if (main.dataset.state !== "settled") return void (document.getElementById("status").textContent = message("save_wait"));
      offer(await WRITE[kind](describe()), `${name}-${main.dataset.scenario}.${kind}`);
    });
    bar.append(button, " ");
  }
  return bar;
}

const WRITE = {
  csv: ({ picture, configuration, columns, rows }) => {
    const about = { title: picture.title, unit: picture.unit, ...configuration };
    const head = Object.entries(about).map(([key, value]) => `# ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    return new Blob([[...head, ...[columns, ...rows].map((row) => row.join(","))].join("\n"), "\n"], { type: "text/csv" });
  },
  svg: ({ picture, configuration }) => new Blob([written(compose(picture, configuration))], { type: "image/svg+xml" }),
  png: async ({ picture, configuration }) => {
    const figure = compose(picture, configuration), address = URL.createObjectURL(new Blob([written(figure)], { type: "image/svg+xml" }));
    const drawn = new Image(), canvas = html("canvas", { width: TWICE * figure.getAttribute("width"), height: TWICE * figure.getAttribute("height") });
    drawn.src = address;
    await drawn.decode();
    canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    const png = await new Promise((done) => canvas.toBlob(done, "image/png"));
    return withTexts(png, { Title: picture.title, Description: JSON.stringify(configuration) });
  },
};

const written = (figure) => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(figure)}\n`;

function offer(blob, name) {
  const address = URL.createObjectURL(blob);
  html("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
