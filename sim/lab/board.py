"""The class board: nicknames and scores for one seed, in memory until the app closes.

Anyone who can open the app may send a finished game; the server calculates the score. Only the teacher's own computer
sees and manages the board; the others see it if the teacher opens it to all.
"""

import dataclasses
import ipaddress
import json
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sim.core.errors import InputError
from sim.lab.game import ROUNDS, SCENARIOS, Game, read_game
from sim.lab.game_runs import final_score, policy_scores
from sim.lab.game_text import describe_rows
from sim.lab.messages import LANGUAGES, messages
from sim.lab.page import render_page
from sim.lab.responses import respond, respond_json, task_runner
from sim.lab.stories import scenario_named

ACCEPTS = {"/board/scores": 2000, "/board/manage": 2000}
"""Where something may be sent, and how many bytes of it."""

NO_BOARD = "There is no class board. To have one, start the app with: partnership lab board=true"

MAX_ENTRIES = 200
MAX_NICKNAME = 24
"""Longest nickname, in characters."""

MINUTE = 60.0
MAX_PER_MINUTE, MAX_PER_MINUTE_ALL = 20, 240
"""Most games sent in a minute from one address, and from all."""

RANKED = ("society_value", "retention")


class Refused(Exception):
    """What was sent is not accepted: a status, and a word for the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def clean_nickname(nickname: str) -> str:
    """Return a nickname with single blanks.

    Raises:
        Refused: If it is empty, too long, or has characters that cannot be printed.
    """
    name = unicodedata.normalize("NFC", " ".join(nickname.split()))
    if not (1 <= len(name) <= MAX_NICKNAME and name.isprintable()):
        raise Refused(400, "nickname")
    return name


@dataclasses.dataclass(frozen=True)
class Entry:
    """One finished game on the board."""

    nickname: str
    decisions: str
    retention: float
    society_value: float


class Board:
    """The board for one scenario and seed, with limits on how much is sent and how often."""

    def __init__(self, scenario: str, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.open_to_all = False
        self._clock, self._sent = clock, deque[tuple[float, str]]()
        self.begin(scenario, seed)

    def begin(self, scenario: str, seed: int) -> None:
        """Start an empty board for a scenario and seed."""
        self.scenario, self.seed = scenario, seed
        self._entries: dict[str, Entry] = {}

    def count_sender(self, address: str) -> None:
        """Count a sender.

        Raises:
            Refused: If this sender, or all together, send too often.
        """
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - MINUTE:
            self._sent.popleft()
        from_here = sum(sender == address for _, sender in self._sent)
        if len(self._sent) >= MAX_PER_MINUTE_ALL or from_here >= MAX_PER_MINUTE:
            raise Refused(429, "often")
        self._sent.append((now, address))

    def check_room_for(self, nickname: str) -> None:
        """Refuse a nickname that is taken, and any nickname when the board is full."""
        if nickname.casefold() in self._entries:
            raise Refused(409, "taken")
        if len(self._entries) >= MAX_ENTRIES:
            raise Refused(409, "full")

    def check_game(self, game: Game) -> None:
        """Refuse a game with another scenario or seed, and a game that is not finished."""
        if (game.scenario, game.seed) != (self.scenario, self.seed):
            raise Refused(409, "run")
        if len(game.decisions) != ROUNDS:
            raise Refused(400, "unfinished")

    def add(self, nickname: str, decisions: str, score: Mapping[str, Any]) -> dict[str, Any]:
        """Put a game on the board; return the entry with its ranks and the number of entries."""
        self.check_room_for(nickname)
        entry = Entry(nickname, decisions, *(float(score[name]) for name in ("retention", "society_value")))
        self._entries[nickname.casefold()] = entry
        return self._with_ranks(entry) | {"of": len(self._entries)}

    def remove(self, nickname: str) -> None:
        """Take a nickname off the board, if it is there."""
        self._entries.pop(nickname.casefold(), None)

    def ranked(self) -> list[dict[str, Any]]:
        """Return all entries, most value for society first."""
        order = sorted(self._entries.values(), key=lambda e: (-e.society_value, -e.retention, e.nickname))
        return [self._with_ranks(entry) for entry in order]

    def _with_ranks(self, entry: Entry) -> dict[str, Any]:
        """Return an entry with its rank in each outcome: one more than the number of those who do better."""
        ranks = {
            f"{name}_rank": 1 + sum(getattr(e, name) > getattr(entry, name) for e in self._entries.values())
            for name in RANKED
        }
        return dataclasses.asdict(entry) | ranks


def new_board() -> Board:
    """Make an empty board for the first scenario and seed 0; the teacher may choose others."""
    return Board(SCENARIOS[0], 0)


async def _page(request: Request) -> Response:
    board, teacher = request.app.state.board, _is_teacher(request)
    if board is None:
        return PlainTextResponse(NO_BOARD, 404)
    if not (teacher or board.open_to_all):
        return PlainTextResponse("The class board can be seen on the teacher's own computer, at 127.0.0.1.", 403)
    page = render_page(
        "board",
        _language(request),
        lambda code: f"/board?lang={code}",
        teacher=teacher,
        scenarios=SCENARIOS,
        shared=request.app.state.shared,
    )
    return respond(request, page.encode(), "text/html")


async def _current_run(request: Request) -> Response:
    """Say which scenario and seed the board collects, and whether the reader may see the board."""
    board = request.app.state.board
    if board is None:
        return respond_json(request, {"collects": False})
    visible = board.open_to_all or _is_teacher(request)
    return respond_json(request, {"collects": True, "scenario": board.scenario, "seed": board.seed, "visible": visible})


async def _scores(request: Request) -> Response:
    """Return all entries, and the scores of the shipped policies beside them."""
    board, message = request.app.state.board, messages(_language(request))
    if board is None or not (board.open_to_all or _is_teacher(request)):
        return PlainTextResponse(NO_BOARD if board is None else "The class board is not open to all.", 403)
    where = (board.scenario, board.seed)
    task: Any = {("policy_scores", *where): (policy_scores, *where)}
    (others,) = await task_runner(request)(task)
    data = {
        "scenario": board.scenario,
        "seed": board.seed,
        "case": message(f"convene.case.{board.scenario}"),
        "link": Game(board.scenario, board.seed, language=message.language).query(),
        "open_to_all": board.open_to_all,
        "size": scenario_named(board.scenario).size.partners,
        "entries": board.ranked(),
        "others": [row for row in describe_rows(message, others[0], others) if row["kind"] != "you"],
    }
    return respond_json(request, data)


async def _send(request: Request) -> Response:
    """Accept a nickname and the decisions of a finished game; return its score and its ranks."""
    board = request.app.state.board
    try:
        if board is None:
            raise Refused(404, "run")
        board.count_sender(request.client.host if request.client else "")
        content = await _content(request, {"nickname": str, "scenario": str, "seed": int, "decisions": str})
        nickname = clean_nickname(content["nickname"])
        board.check_room_for(nickname)
        pairs = [("scenario", content["scenario"]), ("seed", str(content["seed"])), ("d", content["decisions"])]
        game = read_game(pairs)
        board.check_game(game)
        inputs = (game.scenario, game.seed, game.tokens)
        (score,) = await task_runner(request)({("final_score", *inputs): (final_score, *inputs)})
        board.check_game(game)  # the teacher may have started another board meanwhile
        return JSONResponse(board.add(nickname, game.tokens, score))
    except Refused as refusal:
        return JSONResponse({"refused": refusal.reason}, refusal.status)
    except InputError:
        return JSONResponse({"refused": "content"}, 400)


async def _manage(request: Request) -> Response:
    """Do what the teacher asks: clear the board, remove a nickname, choose the run, open or close it to all."""
    board = request.app.state.board
    if board is None or not _is_teacher(request):
        return JSONResponse({"refused": "teacher"}, 403)
    try:
        content = await _content(request, {"do": str})
        if content["do"] == "begin":
            game = read_game([("scenario", str(content.get("scenario"))), ("seed", str(content.get("seed")))])
            board.begin(game.scenario, game.seed)
        elif content["do"] == "remove":
            board.remove(str(content.get("nickname")))
        elif content["do"] == "clear":
            board.begin(board.scenario, board.seed)
        elif content["do"] in ("open", "close"):
            board.open_to_all = content["do"] == "open"
        else:
            raise Refused(400, "content")
    except Refused as refusal:
        return JSONResponse({"refused": refusal.reason}, refusal.status)
    return JSONResponse({"done": content["do"]})


ROUTES = [
    Route("/board", _page),
    Route("/board/run", _current_run),
    Route("/board/scores", _scores),
    Route("/board/scores", _send, methods=["POST"]),
    Route("/board/manage", _manage, methods=["POST"]),
]


async def _content(request: Request, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Read what was sent: an object with at least these values of these kinds."""
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Refused(400, "content") from error
    if not isinstance(content, dict) or any(type(content.get(name)) is not kind for name, kind in kinds.items()):
        raise Refused(400, "content")
    return content


def _language(request: Request) -> str:
    language = request.query_params.get("lang", "en")
    return language if language in LANGUAGES else "en"


def _is_teacher(request: Request) -> bool:
    """Tell whether the request comes from this very computer."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
