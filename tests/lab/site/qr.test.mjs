import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { modulesOf } from "../../../sim/lab/site/ui/qr.js";

const digest = (cells) => createHash("sha256").update(cells.map((row) => row.map(Number).join("")).join("")).digest("hex").slice(0, 16);

test("codes are those that a reader of codes has read (zxing-cpp, sizes 21, 33, 57 and 69)", () => {
  const short = modulesOf("http://a.b/"), long = modulesOf("https://example.org/lab/#watch?v=2&story=municipal_climate&seed=42&month=31");

  assert.deepEqual([short.length, digest(short)], [21, "90bfa85eaa75ea76"]);
  assert.deepEqual([long.length, digest(long)], [33, "fc9412a602bc0bd6"]);
});

test("a text that is too long has no code", () => {
  assert.equal(modulesOf("x".repeat(500)), null);
});
