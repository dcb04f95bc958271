// @ts-check
/** The class, for the projector: how to join, what the class predicts or plays, and a debrief. Found by its address only. */
import { activitiesOf } from "../model/activities.js";
import { ASKS, Board, pageOf, SEEDS } from "../model/board.js";
import { lengthOf, readLines } from "../model/codes.js";
import { SCORED } from "../model/leaderboard.js";
import { choices, fold, h, press, select } from "../ui/dom.js";
import { qrCode } from "../ui/qr.js";
import { storyOptions, strategyOptions } from "../ui/strategies.js";
import { isOneFile } from "../files.js";
import { firstState, writeState } from "../state.js";
import { makeDebrief } from "./board_debrief.js";
import { leaderboard, playersOf, predictions, questionOf } from "./board_parts.js";

const EVERY = 2000; // ms
const OWN = /^(localhost|127\.|\[::1\])/;

/** @param {HTMLElement} main @param {any} app */
export function open(main, app) {
  const { words, model } = app, say = words.say.bind(words), board = new Board(), known = new Map();
  /** @type {any} */
  const now = { key: "", joined: "", names: "", outcome: SCORED.includes(board.by) ? board.by : SCORED[0], debrief: null, players: null };
  const title = h("h1", { tabindex: "-1" }), join = h("section", { class: "join" }), results = h("div", { class: "results" }), count = h("p", { class: "count" }), names = h("ul", { class: "names" }), debrief = h("div"), problem = h("p", { class: "refused", role: "alert" });
  const button = (/** @type {string} */ name, /** @type {() => any} */ click, kind = "") => h("button", { type: "button", class: kind, on: { click: async () => { await click(); draw(); } } }, say(`board/${name}`));
  const reveal = button("reveal", () => board.reveal(), "primary"), clear = button("clear", () => board.begin(board.round)), end = button("end", () => board.begin(null));
  const shows = h("input", { type: "checkbox", id: "open-board", on: { change: async () => { await board.show(shows.checked); draw(); } } });
  const showing = h("label", { class: "pause", for: "open-board" }, shows, h("span", {}, say("board/open")));
  const freezes = h("input", { type: "checkbox", id: "freeze", on: { change: async () => { await board.freeze(freezes.checked); draw(); } } });
  const freezing = h("label", { class: "pause", for: "freeze" }, freezes, h("span", {}, say("board/freeze")));
  const by = choices({ label: say("board/by"), options: SCORED.map((id) => [id, say(`outcome/${id}/name`)]), chosen: now.outcome, choose: (id) => { rankBy(id); draw(); } });
  const rankBy = (/** @type {string} */ id) => { now.outcome = board.by = id; press(by, id); board.keep(); };
  const begin = beginForm(), typed = typedForm(), people = fold(say("board/names"), names), after = button("debrief/open", talk);
  const acts = h("div", { class: "actions" }, reveal, after, clear, end), manage = h("div", { class: "manage" }, typed, people, freezing, showing);
  main.append(h("div", { class: "page" }, h("header", {}, title, count), problem, h("div", { class: "halves" }, h("section", {}, by, results, acts, begin), join), debrief, manage));
  const timer = ASKS ? setInterval(async () => { if (document.hidden) return; await board.ask(); draw(); }, EVERY) : 0;

  /** Choose what the class is asked. */
  function beginForm() {
    const story = () => select({ label: say("watch/story"), options: storyOptions(app), chosen: model.stories[0].id, choose: () => {} });
    const of = (/** @type {any} */ list) => list.querySelector("select").value, kinds = ["activity", "first", "game"].map((id) => /** @type {[string, string]} */ ([id, say(`board/kind/${id}`)]));
    const activity = select({ label: say("board/activity"), options: activitiesOf(model).map(({ id }) => [id, say(`activity/${id}/name`)]), chosen: activitiesOf(model)[0]?.id ?? "", choose: () => {} });
    const stories = [story(), story()], strategy = select({ label: say("convene/table/who"), options: strategyOptions(app).slice(0, 9), chosen: "connecting", choose: () => {} });
    const seed = h("input", { type: "number", class: "seed", min: 0, max: 999_900, value: "100", "aria-label": say("board/seed") });
    const ranks = select({ label: say("board/by"), options: SCORED.map((id) => [id, say(`outcome/${id}/name`)]), chosen: now.outcome, choose: () => {} });
    const fields = { activity: [activity], first: [stories[0], strategy], game: [stories[1], ranks, h("label", { class: "select" }, h("span", { class: "small" }, say("board/seed")), seed)] };
    const kind = select({ label: say("board/kind_label"), options: activitiesOf(model).length ? kinds : kinds.slice(1), chosen: kinds[activitiesOf(model).length ? 0 : 1][0], choose: () => choose() }), box = h("div", { class: "selects" });
    const choose = () => box.replaceChildren(kind, .../** @type {any} */ (fields)[of(kind)], go);
    const rounds = {
      activity: () => { const one = activitiesOf(model).find(({ id }) => id === of(activity)); return { kind: "activity", about: of(activity), story: one?.pairs[0].story ?? "", seed: one?.seed ?? 0, seeds: 1 }; },
      first: () => ({ kind: "first", about: of(strategy), story: of(stories[0]), seed: firstState(model).seed, seeds: 1 }),
      game: () => ({ kind: "game", about: "", story: of(stories[1]), seed: Math.min(999_900, Math.max(0, Math.round(Number(seed.value)) || 0)), seeds: SEEDS }),
    };
    const go = button("begin", () => { folded.open = false; if (of(kind) === "game") rankBy(of(ranks)); return board.begin(/** @type {any} */ (rounds)[of(kind)]()); }, "primary");
    const folded = fold(say("board/new"), box);
    choose();
    return folded;
  }

  /** Codes that are read out or pasted, and files of students. */
  function typedForm() {
    const text = h("textarea", { rows: 4, spellcheck: "false", "aria-label": say("board/codes") }), told = h("div", { role: "status" });
    const take = (/** @type {string} */ lines) => {
      const { round } = board;
      if (!round) return "";
      const read = readLines(lines, round), wrong = read.filter(({ answer }) => answer === null);
      let [added, replaced] = [0, 0];
      for (const { nickname, answer } of read) if (answer !== null) {
        const before = board.answers.length;
        board.add(nickname.slice(0, 24), answer);
        if (board.answers.length > before) added++;
        else replaced++;
      }
      told.replaceChildren(h("p", {}, [say("board/added", { n: added }), replaced ? say("board/replaced", { n: replaced }) : "", wrong.length ? say("board/wrong", { n: wrong.length }) : ""].join(" ")),
        h("ul", {}, wrong.map(({ line, number, why }) => h("li", {}, say("board/line", { number: String(number), line, why: say(`board/why/${why}`, { n: lengthOf(round) }) })))));
      return wrong.map(({ line }) => line).join("\n");
    };
    const files = h("input", { type: "file", multiple: true, accept: "text/plain,.txt", on: { change: async () => { text.value = take((await Promise.all([...files.files].map((file) => file.text()))).join("\n")); files.value = ""; draw(); } } });
    return fold(say("board/codes"), h("p", { class: "small" }, say("board/codes_about")), text, h("div", { class: "actions" }, button("add", () => { text.value = take(text.value); }), h("label", { class: "button" }, say("board/files"), files)), told);
  }

  /** Where the class goes: a server's page asks the board which round is open, another one has it in its address. */
  function addressOf() {
    const here = isOneFile() ? "" : location.href.replace(/[?#].*/, "");
    if (ASKS) return `${board.shared || here}?class`;
    return here + writeState({ ...firstState(model, app.state.language), ...(board.round ? pageOf(board.round) : {}), of: SEEDS }, model);
  }

  function drawJoin() {
    const address = addressOf(), key = `${address} ${Boolean(board.round)}`;
    if (key === now.joined) return;
    now.joined = key;
    join.replaceChildren(...(ASKS || board.round ? [h("h2", {}, say("board/join")), isOneFile() ? "" : qrCode(address, say("shell/qr")) ?? "", h("p", { class: "address" }, address.replace(/^https?:\/\//, "")),
      h("p", { class: "small" }, say(isOneFile() ? "shell/one_file" : ASKS && OWN.test(new URL(address).host) ? "board/alone" : ASKS ? "board/join_about" : "board/join_static")),
      !ASKS && board.round?.kind === "game" ? h("p", { class: "small" }, say("board/join_game", { n: lengthOf(board.round) })) : ""] : []));
  }

  /** Show the board as it is now, if it changed. */
  async function draw() {
    const { round, answers, revealed, teacher } = board, game = round?.kind === "game", key = JSON.stringify([round, board.number, answers, revealed, board.problem, teacher, board.open, board.frozen, now.outcome]);
    drawJoin();
    if (key === now.key) return;
    now.key = key;
    title.textContent = round ? questionOf(app, round) : say("room/board");
    problem.textContent = board.problem ? say(words.has(`class/refused/${board.problem}`) ? `class/refused/${board.problem}` : "class/refused/content") : "";
    count.textContent = round ? say(game ? "board/games" : "board/predictions", { n: answers.length, seeds: round.seeds }) : "";
    manage.hidden = acts.hidden = begin.hidden = !teacher;
    join.hidden = !teacher;
    reveal.hidden = !round || game || revealed;
    after.hidden = !game;
    clear.hidden = end.hidden = typed.hidden = people.hidden = !round;
    if (!round) begin.open = true;
    showing.hidden = freezing.hidden = !ASKS;
    freezes.checked = board.frozen;
    shows.checked = board.open;
    by.hidden = !game;
    names.replaceChildren(...answers.map(({ nickname }) => h("li", {}, h("span", {}, nickname), h("button", { type: "button", "aria-label": say("board/remove_one", { nickname }), on: { click: async () => { await board.remove(nickname); draw(); } } }, say("board/remove")))));
    if (!game) leave();
    if (!round) results.replaceChildren(h("p", { class: "lead" }, say(teacher ? "board/empty" : "board/wait")));
    else if (!teacher && !board.open) results.replaceChildren(h("p", {}, say("board/closed")));
    else await drawResults(key);
  }

  /** @param {string} key */
  async function drawResults(key) {
    app.settle(false);
    const round = /** @type {any} */ (board.round);
    if (round.kind !== "game") {
      const parts = await predictions(app, board);
      if (now.key === key) results.replaceChildren(...parts.filter(Boolean));
    } else {
      const played = await playersOf(app, board, known);
      if (now.key !== key) return;
      now.players = [...played.players, ...played.others];
      results.replaceChildren(...leaderboard(app, round, played, now.outcome).filter(Boolean));
    }
    app.settle(true);
  }

  /** Lay two games side by side. */
  async function talk() {
    leave();
    now.debrief = makeDebrief(app, /** @type {any} */ (board.round), now.players ?? []);
    debrief.replaceChildren(h("h2", { tabindex: "-1" }, say("board/debrief/title")), now.debrief.element);
    await now.debrief.show();
    debrief.querySelector("h2").focus();
  }

  function leave() {
    now.debrief?.close();
    now.debrief = null;
    debrief.replaceChildren();
  }

  return {
    show: async () => { await board.ask(); await draw(); app.settle(true); },
    close: () => { clearInterval(timer); leave(); },
  };
}
