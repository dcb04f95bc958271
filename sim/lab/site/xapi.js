// @ts-check
/** A statement of the Experience API (xAPI 1.0.3) for the learning platform that opened this page, and to no other host than the export names. */

const VERB = { id: "http://adlnet.gov/expapi/verbs/answered", display: { en: "answered" } };
const TYPE = "http://adlnet.gov/expapi/activities/question";

/**
 * What is sent, and where, from the query that a platform adds when it opens the page; null where it does not fit the host.
 * @param {string} search @param {string} host that the export allows @param {string} page its address
 * @param {{ activity: string, prediction: string, right: boolean }} done @param {{ name: string, language: string }} what
 */
export function statementOf(search, host, page, { activity, prediction, right }, { name, language }) {
  const query = new URLSearchParams(search), endpoint = query.get("endpoint") ?? "";
  if (!URL.canParse(endpoint) || new URL(endpoint).origin !== new URL(host).origin) return null;
  const registration = query.get("registration"), known = query.get("activity_id");
  const body = {
    actor: JSON.parse(query.get("actor") ?? "null"), verb: VERB,
    object: { objectType: "Activity", id: known ? `${known}#${activity}` : `${page}#${activity}`, definition: { type: TYPE, name: { [language]: name } } },
    result: { response: prediction, success: right, completion: true },
    ...(registration || known ? { context: { ...(registration && { registration }), ...(known && { contextActivities: { parent: [{ id: known }] } }) } } : {}),
  };
  return { url: `${endpoint.replace(/\/?$/, "/")}statements`, auth: query.get("auth") ?? "", body };
}

/** @param {string} host @param {any} app @param {{ activity: string, prediction: string, right: boolean }} done */
export async function send(host, app, done) {
  const { words, state } = app, name = done.activity === "first" ? words.say("room/first") : words.say(`activity/${done.activity}/name`);
  try {
    const made = statementOf(location.search, host, location.href.replace(/[?#].*/, ""), done, { name, language: state.language });
    if (!made) throw new Error(`this page may send to ${host} only`);
    const headers = { authorization: made.auth, "content-type": "application/json", "x-experience-api-version": "1.0.3" };
    const response = await fetch(made.url, { method: "POST", headers, body: JSON.stringify(made.body) });
    if (!response.ok) throw new Error(`the learning platform answered ${response.status}`);
  } catch (error) {
    console.warn(error);
    app.announce(words.say("shell/not_sent"));
  }
}
