"""The room of the game: its link, its page, and a round as data. All state is in the address."""

import dataclasses
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.core.errors import InputError, near
from sim.lab import desk, news, reckoning
from sim.lab.answers import answer, answer_json, giver
from sim.lab.game import LEVERS, PARTS, ROUND, ROUNDS, Decision, pauses_allowed
from sim.lab.game import read as read_decisions
from sim.lab.game import write as write_decisions
from sim.lab.language import words
from sim.lab.page import fill
from sim.lab.rounds import leave_alone, look
from sim.lab.settings import VERSION
from sim.lab.settings import read as read_state
from sim.lab.stories import STORIES, case
from sim.lab.verdict import score, uncover, yardsticks

KNOWN = ("v", "scenario", "seed", "d", "lang")
SCENARIOS = tuple(dict.fromkeys(story.scenario for story in STORIES))


@dataclasses.dataclass(frozen=True)
class Game:
    """A game so far: a scenario, a world, what was decided in each round, and the player's language."""

    scenario: str = SCENARIOS[0]
    seed: int = 0
    decisions: tuple[Decision, ...] = ()
    language: str = "en"

    @property
    def moves(self) -> str:
        """The decisions as one text."""
        return write_decisions(self.decisions)

    def query(self) -> str:
        """Write the game as a query string; ``read`` gives it back."""
        pairs = [("v", VERSION), ("scenario", self.scenario), ("seed", str(self.seed))]
        pairs += [("d", self.moves)] if self.decisions else []
        return urlencode(pairs + ([("lang", self.language)] if self.language != "en" else []))

    def replace(self, **changes: Any) -> "Game":
        """Copy with some parts replaced."""
        return dataclasses.replace(self, **changes)


def read(pairs: Iterable[tuple[str, str]]) -> Game:
    """Read a game from a link.

    Raises:
        InputError: for an unknown or repeated key, and for what no orchestrator can decide.
    """
    pairs = list(pairs)
    for key, _ in pairs:
        if key not in KNOWN:
            raise InputError(f"{ascii(key[:40])[1:-1]}: there is no such setting in a game; {near(key[:60], KNOWN)}")
    moves = [text for key, text in pairs if key == "d"]
    if len(moves) > 1:
        raise InputError("d: is given twice; give it once")
    asked, _ = read_state([pair for pair in pairs if pair[0] != "d"])
    return checked(Game(asked.scenario, asked.seed, read_decisions("".join(moves)), asked.language))


def checked(game: Game) -> Game:
    """Give the game back if every pause in it can be held."""
    allowed = pauses_allowed(game.decisions, case(game.scenario).grant.initiation)
    for number, (decision, may) in enumerate(zip(game.decisions, allowed, strict=False), 1):
        if decision.pause and not may:
            raise InputError(
                f"d, round {number}: a strategic pause stands between initiation and implementation: hold it"
                " straight after the initiation, without a break"
            )
    return game


async def _page(request: Request) -> Response:
    game = read(request.query_params.multi_items())
    return answer(request, render(game, request.app.state.shared).encode(), "text/html")


async def _round(request: Request) -> Response:
    """Give what is seen after the rounds decided so far; after the last also how it ended."""
    game = read(request.query_params.multi_items())
    where, moves = (game.scenario, game.seed), game.moves
    tasks: Any = {("look", *where, moves): (look, *where, moves), ("leave_alone", *where): (leave_alone, *where)}
    if len(game.decisions) == ROUNDS:
        tasks |= {("yardsticks", *where): (yardsticks, *where)}
        tasks |= {(task.__name__, *where, moves): (task, *where, moves) for task in (score, uncover)}
    found = await giver(request)(tasks)
    return answer_json(request, tell(game, *found))


ROUTES = [Route("/convene", _page), Route("/convene/round", _round)]


def render(game: Game, shared: str) -> str:
    """Write the page; its pictures and numbers follow."""
    return fill(
        "convene",
        game.language,
        lambda code: f"/convene?{game.replace(language=code).query()}",
        game=game,
        query=game.query(),
        stories=[(name, Game(name, language=game.language).query()) for name in SCENARIOS],
        levers=LEVERS,
        parts=PARTS,
        months=ROUND,
        shared=shared,
    )


def tell(game: Game, view: dict[str, Any], alone: list[dict[str, Any]], *ended: Any) -> dict[str, Any]:
    """Put a round into words; ``alone`` is the same world left alone, ``ended`` how it ended, if it did."""
    say, done, over = words(game.language), len(game.decisions), len(game.decisions) == ROUNDS
    gaps = {"first": ROUND * done + 1, "last": ROUND * (done + 1)}
    last = {"first": ROUND * (done - 1) + 1, "last": ROUND * done}
    told: dict[str, Any] = {
        "query": game.query(),
        "moves": game.moves,
        "done": done,
        "over": over,
        "head": say("convene.head.end") if over else say("convene.head.round", n=done + 1, rounds=ROUNDS, **gaps),
        "facts": desk.tell_facts(say, view),
        "news_title": say("convene.news.title", **last) if done else "",
        "news": news.tell_news(say, view),
        **_tell_beside(game, view, alone),
        "life": _picture(view),
        "months": news.tell_months(say, view),
        "back": game.replace(decisions=game.decisions[:-1]).query() if done else "",
    }
    if over:
        return told | {"end": _end(game, view, *ended)}
    return told | {
        "guesses": desk.tell_guesses(say, view),
        "sectors": desk.tell_sectors(say, view),
        "lowest": desk.tell_lowest(say, view),
        "buys": desk.tell_bought(say, view),
        "pause": desk.tell_pause(say, view, game.decisions, case(game.scenario).grant.initiation),
        "last": dataclasses.asdict(game.decisions[-1]) if done else None,
    }


def _tell_beside(game: Game, view: dict[str, Any], alone: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Say how it would have been: the whole life left alone, and the last round otherwise; no life twice."""
    acts = [any(decision.parts) or decision.pause for decision in game.decisions]
    whole = {"you": view["rounds"][-1]} | ({"alone": alone[len(acts)]} if any(acts) else {})
    otherwise = {
        name: life for name, life in view["beside"].items() if name != "nothing" or (acts[-1] and any(acts[:-1]))
    }
    say = words(game.language)
    return {"beside": news.tell_beside(say, whole) if acts else [], "otherwise": news.tell_beside(say, otherwise)}


def _picture(view: dict[str, Any]) -> dict[str, Any]:
    """Give what the network draws: attendance for engagement, and how well a member is known for size."""
    exits = [e for e in view["noticed"] if e["kind"].startswith("exit")]
    return {
        "sectors": view["sectors"],
        "active": view["active"],
        "engagement": view["attendance"],
        "captured": [[round(40 * known, 1) for known in month] for month in view["known"]],
        "ties": view["ties"],
        "exits": [{"month": e["month"], "member": e["member"]} for e in exits],
    }


def _end(game: Game, view: dict[str, Any], others: list[Any], mine: dict[str, Any], found: dict[str, Any]) -> Any:
    say = words(game.language)
    policy = f"{{name: sim.lab.game:Convened, decisions: {game.moves}}}"
    return {
        "told": reckoning.tell_end(say, mine, others, len(view["sectors"]), found),
        "score": mine,
        "rows": reckoning.tell_rows(say, mine, others),
        "timeline": reckoning.tell_timeline(say, view, game.decisions),
        "felt": {say(f"convene.sector.{sector}"): series for sector, series in found["felt"].items()},
        "tensions": {say(f"convene.tension.{name}"): series for name, series in found["tensions"].items()},
        "command": f"partnership run scenario={game.scenario} seed={game.seed} 'policy={policy}'",
        "many": f"partnership compare scenario={game.scenario} 'policies=[neutral,{policy}]' replications=200",
        "other": Game(game.scenario, (game.seed + 1) % 1000, language=game.language).query(),
    }
