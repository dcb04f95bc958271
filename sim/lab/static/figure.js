// A picture that stands alone: charts of the page with title, captions and notes, its looks and its making inside.

import { node } from "./draw.js";

const GAP = 24, EDGE = 16, SMALL = 11.5, NORMAL = 13;
const LOOK = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray"];
const LETTERS = ["font-size", "font-weight", "text-anchor"];
const pen = document.createElement("canvas").getContext("2d");

// Panels lie side by side, what is `below` them is drawn from one edge to the other; `summary` summary it in words.
export function compose({ title, unit = "", summary, panels, below = null, legend = [], notes }, configuration) {
  const sizes = panels.map(({ svg }) => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]);
  const inner = Math.max(sizes.reduce((sum, [width]) => sum + width + GAP, -GAP), below?.viewBox.baseVal.width ?? 0);
  const parts = [], soft = { fill: "#5B6675", "font-size": SMALL };
  let y = EDGE + 14, x = EDGE;
  const write = (text, look, lead) => {
    for (const line of wrapped(text, inner, look["font-size"])) {
      parts.push(node("text", { x: EDGE, y, ...look }, line));
      y += lead;
    }
  };
  write(unit ? `${title} (${unit})` : title, { fill: "#1C2430", "font-size": 15, "font-weight": 600 }, 20);
  panels.forEach(({ caption, colour }, k) => {
    parts.push(node("text", { x, y: y + 2, fill: colour, "font-size": NORMAL, "font-weight": 600 }, caption));
    x += sizes[k][0] + GAP;
  });
  y += 12;
  x = EDGE;
  panels.forEach(({ svg }, k) => {
    parts.push(placed(svg, x, y, ...sizes[k]));
    x += sizes[k][0] + GAP;
  });
  y += Math.max(...sizes.map(([, height]) => height)) + 6;
  if (below) {
    const { width, height } = below.viewBox.baseVal;
    parts.push(placed(below, EDGE + (inner - width) / 2, y, width, height));
    y += height + 6;
  }
  x = EDGE;
  y += 12;
  for (const sign of legend) {
    const mark = sign.querySelector("svg"), wide = (mark ? 18 : 0) + measure(sign.textContent, SMALL) + 18;
    if (x > EDGE && x + wide > EDGE + inner) [x, y] = [EDGE, y + 18];
    if (mark) parts.push(placed(mark, x, y - 11, 14, 14));
    parts.push(node("text", { x: x + (mark ? 18 : 0), y, ...soft }, sign.textContent));
    x += wide;
  }
  y += legend.length ? 20 : 0;
  for (const note of notes) write(note, soft, 15);
  const width = inner + 2 * EDGE, height = y + EDGE - 8;
  const whole = node("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": getComputedStyle(document.body).fontFamily });
  whole.append(node("title", {}, title), node("desc", {}, summary), node("metadata", {}, JSON.stringify(configuration, null, 1)));
  whole.append(node("rect", { width, height, fill: "#FBFAF7" }), ...parts);
  return whole;
}

// A copy with the page's style written into it, without the line of earlier slider values.
function placed(svg, x, y, width, height) {
  const copy = svg.cloneNode(true), copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((original, k) => {
    const look = getComputedStyle(original);
    for (const name of original.tagName === "text" ? [...LOOK, ...LETTERS] : LOOK) copies[k].setAttribute(name, look.getPropertyValue(name));
  });
  for (const ghost of copy.querySelectorAll(".ghost")) ghost.remove();
  for (const each of [copy, ...copies]) each.removeAttribute("class");
  for (const name of ["id", "role", "aria-label", "aria-labelledby", "aria-hidden"]) copy.removeAttribute(name);
  for (const [name, value] of Object.entries({ x, y, width, height })) copy.setAttribute(name, value);
  return copy;
}

function measure(text, size) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function wrapped(text, width, size) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && measure(longer, size) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
