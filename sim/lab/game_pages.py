"""The pages of the game. All state is in the address."""

import dataclasses
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.lab import game_text
from sim.lab.game import LEVERS, POINTS, ROUND, ROUNDS, SCENARIOS, Game, read_game
from sim.lab.game_runs import final_score, participation_without_effort, policy_scores, reveal, view_rounds
from sim.lab.messages import messages
from sim.lab.page import render_page
from sim.lab.responses import respond, respond_json, task_runner
from sim.lab.stories import scenario_named


async def _page(request: Request) -> Response:
    game = read_game(request.query_params.multi_items())
    return respond(request, render_game(game, request.app.state.shared).encode(), "text/html")


async def _round(request: Request) -> Response:
    """Return what is seen after the rounds that are decided; after the last round also how it ended."""
    game = read_game(request.query_params.multi_items())
    where, tokens = (game.scenario, game.seed), game.tokens
    tasks: Any = {
        ("view_rounds", *where, tokens): (view_rounds, *where, tokens),
        ("participation_without_effort", *where): (participation_without_effort, *where),
    }
    if len(game.decisions) == ROUNDS:
        tasks |= {("policy_scores", *where): (policy_scores, *where)}
        tasks |= {(task.__name__, *where, tokens): (task, *where, tokens) for task in (final_score, reveal)}
    results = await task_runner(request)(tasks)
    return respond_json(request, round_view(game, *results))


ROUTES = [Route("/convene", _page), Route("/convene/round", _round)]


def render_game(game: Game, shared: str) -> str:
    """Write the page; its pictures and numbers follow."""
    return render_page(
        "convene",
        game.language,
        lambda code: f"/convene?{game.replace(language=code).query()}",
        game=game,
        query=game.query(),
        stories=[(name, Game(name, language=game.language).query()) for name in SCENARIOS],
        levers=LEVERS,
        points=POINTS,
        months=ROUND,
        shared=shared,
    )


def round_view(game: Game, view: dict[str, Any], without_effort: list[dict[str, Any]], *ending: Any) -> dict[str, Any]:
    """Put a round into words.

    Args:
        game: The game so far.
        view: What the orchestrator sees (``view_rounds``).
        without_effort: Who takes part if nobody does anything (``participation_without_effort``).
        ending: After the last round: ``policy_scores``, ``final_score`` and ``reveal``.
    """
    message, done, over = messages(game.language), len(game.decisions), len(game.decisions) == ROUNDS
    gaps = {"first": ROUND * done + 1, "last": ROUND * (done + 1)}
    last = {"first": ROUND * (done - 1) + 1, "last": ROUND * done}
    head = message("convene.head.end") if over else message("convene.head.round", n=done + 1, rounds=ROUNDS, **gaps)
    texts: dict[str, Any] = {
        "query": game.query(),
        "tokens": game.tokens,
        "done": done,
        "over": over,
        "head": head,
        "facts": game_text.describe_facts(message, view),
        "news_title": message("convene.news.title", **last) if done else "",
        "news": game_text.describe_news(message, view),
        **_alternatives(game, view, without_effort),
        "run": _picture(view),
        "months": game_text.describe_months(message, view),
        "back": game.replace(decisions=game.decisions[:-1]).query() if done else "",
    }
    if over:
        return texts | {"end": _end(game, view, *ending)}
    initiation = scenario_named(game.scenario).grant.initiation
    return texts | {
        "estimates": game_text.describe_estimates(message, view),
        "sectors": game_text.describe_sectors(message, view),
        "lowest": game_text.describe_lowest(message, view),
        "effects": game_text.describe_effects(message, view),
        "pause": game_text.describe_pause(message, view, game.decisions, initiation),
        "last": dataclasses.asdict(game.decisions[-1]) if done else None,
    }


def _alternatives(game: Game, view: dict[str, Any], without_effort: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Say what other decisions would lead to, from the start and in the last round; nothing twice."""
    acts = [any(decision.points) or decision.pause for decision in game.decisions]
    from_start = {"you": view["rounds"][-1]} | ({"alone": without_effort[len(acts)]} if any(acts) else {})
    last_round = {
        name: row for name, row in view["last_round"].items() if name != "nothing" or (acts[-1] and any(acts[:-1]))
    }
    message = messages(game.language)
    return {
        "from_start": game_text.describe_participation(message, from_start) if acts else [],
        "last_round": game_text.describe_participation(message, last_round),
    }


def _picture(view: dict[str, Any]) -> dict[str, Any]:
    """Return what the network draws: attendance for engagement, and how well a member is known for size."""
    exits = [e for e in view["noticed"] if e["kind"].startswith("exit")]
    return {
        "sectors": view["sectors"],
        "active": view["active"],
        "engagement": view["attendance"],
        "captured": [[round(40 * known, 1) for known in month] for month in view["known"]],
        "ties": view["ties"],
        "exits": [{"month": e["month"], "member": e["member"]} for e in exits],
    }


def _end(
    game: Game, view: dict[str, Any], others: list[dict[str, Any]], own: dict[str, Any], revealed: dict[str, Any]
) -> dict[str, Any]:
    message = messages(game.language)
    policy = f"{{name: sim.lab.game:Convened, decisions: {game.tokens}}}"
    return {
        "texts": game_text.describe_end(message, own, others, len(view["sectors"]), revealed),
        "score": own,
        "rows": game_text.describe_rows(message, own, others),
        "timeline": game_text.describe_timeline(message, view, game.decisions),
        "felt": {message.sector(sector, "convene.sector"): series for sector, series in revealed["felt"].items()},
        "tensions": {message(f"convene.tension.{name}"): series for name, series in revealed["tensions"].items()},
        "command": f"partnership run scenario={game.scenario} seed={game.seed} 'policy={policy}'",
        "many": f"partnership compare scenario={game.scenario} 'policies=[neutral,{policy}]' replications=200",
        "other": Game(game.scenario, (game.seed + 1) % 1000, language=game.language).query(),
    }
