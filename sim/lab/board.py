"""The class board: nicknames and what they reached in one world, kept in memory until the lab closes.

Anyone in the lab may send a finished game; the score is worked out here. The board is seen and ruled from the
teacher's own machine; others see it when it is opened to all.
"""

import ipaddress
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sim.core.errors import InputError
from sim.lab.answers import answer, answer_json, giver
from sim.lab.convene import SCENARIOS, Game, read
from sim.lab.entries import Entries, Refused, clean
from sim.lab.language import LANGUAGES, words
from sim.lab.page import fill
from sim.lab.reckoning import tell_rows
from sim.lab.stories import case
from sim.lab.verdict import score, yardsticks

TAKES = {"/board/scores": 2000, "/board/rule": 2000}
"""Where something may be sent, and how many bytes of it."""

CLOSED = "There is no class board. To have one, start the lab with: partnership lab board=true"


def opened() -> Entries:
    """Open an empty board for the first world; the teacher may choose another."""
    return Entries(SCENARIOS[0], 0)


async def _page(request: Request) -> Response:
    board, teacher = request.app.state.board, _is_teacher(request)
    if board is None:
        return PlainTextResponse(CLOSED, 404)
    if not (teacher or board.to_all):
        return PlainTextResponse("The class board is seen on the teacher's own machine, at 127.0.0.1.", 403)
    page = fill(
        "board",
        _language(request),
        lambda code: f"/board?lang={code}",
        teacher=teacher,
        scenarios=SCENARIOS,
        shared=request.app.state.shared,
    )
    return answer(request, page.encode(), "text/html")


async def _world(request: Request) -> Response:
    """Say which world is collected, if any is, and whether who asks may see the board."""
    board = request.app.state.board
    if board is None:
        return answer_json(request, {"collects": False})
    seen = board.to_all or _is_teacher(request)
    return answer_json(request, {"collects": True, "scenario": board.scenario, "seed": board.seed, "seen": seen})


async def _scores(request: Request) -> Response:
    """Give all entries beside the ways of governing that ship with the model."""
    board, say = request.app.state.board, words(_language(request))
    if board is None or not (board.to_all or _is_teacher(request)):
        return PlainTextResponse(CLOSED if board is None else "The class board is not open to all.", 403)
    place = (board.scenario, board.seed)
    task: Any = {("yardsticks", *place): (yardsticks, *place)}
    (others,) = await giver(request)(task)
    size = case(board.scenario).size.partners
    found = {
        "scenario": board.scenario,
        "seed": board.seed,
        "case": say(f"convene.case.{board.scenario}"),
        "link": Game(board.scenario, board.seed, language=say.language).query(),
        "to_all": board.to_all,
        "size": size,
        "entries": board.ranked(),
        "others": [row for row in tell_rows(say, others[0], others) if row["kind"] != "you"],
    }
    return answer_json(request, found)


async def _send(request: Request) -> Response:
    """Take a nickname and the decisions of a finished game; give its score and its ranks."""
    board = request.app.state.board
    try:
        if board is None:
            raise Refused(404, "world")
        board.admit(request.client.host if request.client else "")
        given = await _content(request, {"nickname": str, "scenario": str, "seed": int, "decisions": str})
        nickname = clean(given["nickname"])
        board.has_room_for(nickname)
        game = read([("scenario", given["scenario"]), ("seed", str(given["seed"])), ("d", given["decisions"])])
        board.wants(game)
        task: Any = {("score", game.scenario, game.seed, game.moves): (score, game.scenario, game.seed, game.moves)}
        (reached,) = await giver(request)(task)
        board.wants(game)
        return JSONResponse(board.add(nickname, game.moves, reached))
    except Refused as refusal:
        return JSONResponse({"refused": refusal.why}, refusal.status)
    except InputError:
        return JSONResponse({"refused": "content"}, 400)


async def _rule(request: Request) -> Response:
    """Do what the teacher asks: clear the board, take a nickname off, choose the world, open or close it to all."""
    board = request.app.state.board
    if board is None or not _is_teacher(request):
        return JSONResponse({"refused": "teacher"}, 403)
    try:
        given = await _content(request, {"do": str})
        if given["do"] == "world":
            game = read([("scenario", str(given.get("scenario"))), ("seed", str(given.get("seed")))])
            board.begin(game.scenario, game.seed)
        elif given["do"] == "remove":
            board.remove(str(given.get("nickname")))
        elif given["do"] == "clear":
            board.begin(board.scenario, board.seed)
        elif given["do"] in ("open", "close"):
            board.to_all = given["do"] == "open"
        else:
            raise Refused(400, "content")
    except Refused as refusal:
        return JSONResponse({"refused": refusal.why}, refusal.status)
    return JSONResponse({"done": given["do"]})


ROUTES = [
    Route("/board", _page),
    Route("/board/world", _world),
    Route("/board/scores", _scores),
    Route("/board/scores", _send, methods=["POST"]),
    Route("/board/rule", _rule, methods=["POST"]),
]


async def _content(request: Request, kinds: dict[str, type]) -> dict[str, Any]:
    """Read what was sent: an object with at least these values of these kinds."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Refused(400, "content") from error
    if not isinstance(found, dict) or any(type(found.get(name)) is not kind for name, kind in kinds.items()):
        raise Refused(400, "content")
    return found


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "en")
    return asked if asked in LANGUAGES else "en"


def _is_teacher(request: Request) -> bool:
    """Tell whether the request comes from this very machine."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
