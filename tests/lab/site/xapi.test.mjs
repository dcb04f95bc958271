import assert from "node:assert/strict";
import test from "node:test";
import { statementOf } from "../../../sim/lab/site/xapi.js";

const HOST = "https://lrs.example", PAGE = "https://school.example/app/";
const DONE = { activity: "hopes", prediction: "more", right: false }, WHAT = { name: "Who stays?", language: "en" };
const launch = (more) => `?${new URLSearchParams({ endpoint: `${HOST}/xapi`, auth: "Basic abc", actor: '{"mbox":"mailto:a@school.example"}', ...more })}`;

test("a prediction is one statement, to the endpoint of the launch", () => {
  const { url, auth, body } = statementOf(launch({ registration: "r1" }), HOST, PAGE, DONE, WHAT);
  assert.equal(url, "https://lrs.example/xapi/statements");
  assert.equal(auth, "Basic abc");
  assert.deepEqual(body.actor, { mbox: "mailto:a@school.example" });
  assert.equal(body.object.id, "https://school.example/app/#hopes");
  assert.deepEqual(body.result, { response: "more", success: false, completion: true });
  assert.deepEqual(body.context, { registration: "r1" });
});

test("an activity that the platform knows is the parent", () => {
  const { body } = statementOf(launch({ activity_id: "https://school.example/course/3" }), HOST, PAGE, DONE, WHAT);
  assert.equal(body.object.id, "https://school.example/course/3#hopes");
  assert.deepEqual(body.context.contextActivities.parent, [{ id: "https://school.example/course/3" }]);
});

test("nothing is made for another host than the export allows", () => {
  for (const endpoint of ["https://other.example/xapi", "http://lrs.example/xapi", "lrs.example", ""])
    assert.equal(statementOf(launch({ endpoint }), HOST, PAGE, DONE, WHAT), null);
});
