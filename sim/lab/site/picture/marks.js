// @ts-check
/** The marks of the picture: a shape for each sector, a sign for each reason to leave. */
import { TURN } from "./places.js";

/** @type {Record<string, string>} */
const SHAPES = { public: "circle", private: "square", academic: "diamond", nonprofit: "triangle" };

/** Another sector than the four is a hexagon. @param {string} sector */
export const shapeOf = (sector) => SHAPES[sector] ?? "hexagon";

/** Corners in units of the size, from the middle. @type {Record<string, [number, number][]>} */
const CORNERS = {
  square: [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
  diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  triangle: [[0, -1.2], [1.15, 0.85], [-1.15, 0.85]],
  hexagon: [[-0.55, -0.95], [0.55, -0.95], [1.1, 0], [0.55, 0.95], [-0.55, 0.95], [-1.1, 0]],
};

/** Begin the outline of a shape. @param {CanvasRenderingContext2D} c @param {string} shape @param {number} x @param {number} y @param {number} size */
export function outline(c, shape, x, y, size) {
  c.beginPath();
  if (shape === "circle") c.arc(x, y, size, 0, TURN);
  else {
    for (const [dx, dy] of CORNERS[shape]) c.lineTo(x + dx * size, y + dy * size);
    c.closePath();
  }
}

/** The same outline as a path of SVG, for texts and keys. @param {string} shape @param {number} x @param {number} y @param {number} size */
export function outlinePath(shape, x, y, size) {
  if (shape === "circle") return `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`;
  return `M${CORNERS[shape].map(([dx, dy]) => `${x + dx * size} ${y + dy * size}`).join("L")}z`;
}

/** Signs of 16 by 16: left satisfied, left frustrated, left for another reason. @type {Record<string, string>} */
export const SIGNS = { satisfied: "M2 9 6 13 14 3", frustrated: "M3 3 13 13M13 3 3 13", other: "M2 8H14" };
/** @type {Record<string, string>} */
export const SIGN_COLOURS = { satisfied: "content", frustrated: "trouble", other: "soft" };

/** @type {Record<string, Path2D>} */
const paths = {};

/** Draw the sign of a reason to leave. @param {CanvasRenderingContext2D} c @param {string} mood @param {number} x @param {number} y @param {number} size */
export function drawSign(c, mood, x, y, size) {
  paths[mood] ??= new Path2D(SIGNS[mood]);
  c.save();
  c.translate(x - size, y - size);
  c.scale(size / 8, size / 8);
  c.lineWidth = 2.6;
  c.stroke(paths[mood]);
  c.restore();
}
