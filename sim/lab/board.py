"""The class board: predictions and games of one round, in memory until the app closes. It knows nothing of the model.

The teacher's own computer begins a round; students send a nickname and an answer, and may change it until the answers
are revealed. The page of the teacher calculates what they are worth. The others see the answers only if the teacher
opens the board.
"""

import dataclasses
import ipaddress
import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sim.lab.nicknames import clean, skeleton

ACCEPTS = {"/board/answers": 1000, "/board/manage": 1000}
"""Where something may be sent, and how many bytes of it."""

MOST_ANSWERS, MOST_FROM_ADDRESS = 200, 60
"""Most answers in all, and from one address. A whole class often has one (a school's, a hotspot's), so no smaller
number keeps a student from sending under many nicknames; a teacher who sees that removes them and freezes the list."""

MINUTE = 60.0
MOST_A_MINUTE, MOST_A_MINUTE_OF_ADDRESS, MOST_A_MINUTE_OF_PAGE = 600, 240, 12
"""Most answers sent in a minute: by all, from one address and by one page."""

_HALF_YEAR = "[0-9t]{5}p?"
ANSWERS = {
    "activity": re.compile("more|fewer|same"),
    "first": re.compile(r"\d{1,3}", re.ASCII),
    "game": re.compile(rf"{_HALF_YEAR}(\.{_HALF_YEAR}){{9}}"),
}
"""What is answered in each kind of round: a word, a number of members, or the decisions of ten half-years."""

NAME = re.compile(r"[a-z0-9_]{0,40}")
TOKEN = re.compile(r"[a-z0-9]{16,40}")
LARGEST_SEED, MOST_SEEDS = 999_999, 100


class Refused(Exception):
    """What was sent is not accepted: a status, and a word that the page turns into a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclasses.dataclass(frozen=True)
class Round:
    """What the class is asked: an activity, a strategy of the first minute, or a game with a seed for each student."""

    kind: str
    about: str
    story: str
    seed: int
    seeds: int

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Round":
        """Read a round.

        Raises:
            Refused: If a part of it is missing or not valid.
        """
        fields = {field.name: content.get(field.name) for field in dataclasses.fields(cls)}
        texts = [fields[name] for name in ("kind", "about", "story")]
        numbers = ((fields["seed"], 0, LARGEST_SEED), (fields["seeds"], 1, MOST_SEEDS))
        named = all(isinstance(text, str) and NAME.fullmatch(text) for text in texts) and fields["kind"] in ANSWERS
        if not named or not all(type(n) is int and low <= n <= high for n, low, high in numbers):
            raise Refused(400, "content")
        return cls(**fields)  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one page sent, from where."""

    nickname: str
    answer: str
    token: str
    address: str


class Board:
    """The answers of one round, with limits on how much is sent and how often."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.open_to_all, self.frozen, self.number = False, False, 0
        self._clock, self._sent = clock, deque[tuple[float, str, str]]()
        self.begin(None)

    def begin(self, round_: Round | None) -> None:
        """Begin a round without answers, or end the last one."""
        self.round, self.revealed, self.number = round_, False, self.number + 1
        self._answers: dict[str, Answer] = {}
        self._removed: set[str] = set()

    def send(self, number: int, sent: Answer) -> None:
        """Take an answer; a page that sends again changes its own.

        Raises:
            Refused: If it is not an answer to this round, or too much is sent, or the nickname is taken.
        """
        self._count(sent.token, sent.address)
        if self.round is None or number != self.number or sent.token in self._removed:
            raise Refused(409, "round")
        if self.revealed:
            raise Refused(409, "late")
        if not ANSWERS[self.round.kind].fullmatch(sent.answer) or not TOKEN.fullmatch(sent.token):
            raise Refused(400, "content")
        name = clean(sent.nickname)
        if name is None:
            raise Refused(400, "nickname")
        others = {key: one for key, one in self._answers.items() if one.token != sent.token}
        if skeleton(name) in others:
            raise Refused(409, "taken")
        if self.frozen and len(others) == len(self._answers):
            raise Refused(409, "frozen")
        from_here = Counter(one.address for one in others.values())[sent.address]
        if len(others) >= MOST_ANSWERS or from_here >= MOST_FROM_ADDRESS:
            raise Refused(409, "full")
        self._answers = others | {skeleton(name): dataclasses.replace(sent, nickname=name)}

    def remove(self, nickname: str) -> None:
        """Take a nickname off the board, if it is there; its page cannot send again in this round."""
        gone = self._answers.pop(skeleton(nickname), None)
        if gone:
            self._removed.add(gone.token)

    def answers(self) -> list[dict[str, str]]:
        """List nicknames with their answers."""
        return [{"nickname": one.nickname, "answer": one.answer} for one in self._answers.values()]

    def _count(self, token: str, address: str) -> None:
        """Refuse a page or an address that sends too often, and all of them when they do so together."""
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - MINUTE:
            self._sent.popleft()
        pages, addresses = (Counter(entry[k] for entry in self._sent) for k in (1, 2))
        too_many = pages[token] >= MOST_A_MINUTE_OF_PAGE or addresses[address] >= MOST_A_MINUTE_OF_ADDRESS
        if too_many or len(self._sent) >= MOST_A_MINUTE:
            raise Refused(429, "often")
        self._sent.append((now, token, address))


async def _round(request: Request) -> JSONResponse:
    """Say which round is open, and to the teacher also where the class finds the app."""
    board, teacher = request.app.state.board, _is_teacher(request)
    known = {
        "number": board.number, "round": dataclasses.asdict(board.round) if board.round else None,
        "revealed": board.revealed, "visible": board.open_to_all or teacher, "count": len(board.answers()),
    }  # fmt: skip
    more = (
        {"teacher": True, "open": board.open_to_all, "frozen": board.frozen, "shared": request.app.state.shared}
        if teacher
        else {}
    )
    return _unkept(known | more)


async def _answers(request: Request) -> JSONResponse:
    """List the answers, for those who may see them."""
    board = request.app.state.board
    if not (board.open_to_all or _is_teacher(request)):
        return _unkept({"refused": "closed"}, 403)
    return _unkept({"number": board.number, "answers": board.answers()})


async def _send(request: Request) -> JSONResponse:
    """Accept a nickname and an answer."""
    try:
        content = await _content(request, {"nickname": str, "answer": str, "token": str, "number": int})
        address = request.client.host if request.client else ""
        sent = Answer(content["nickname"], content["answer"], content["token"], address)
        request.app.state.board.send(content["number"], sent)
    except Refused as refusal:
        return _unkept({"refused": refusal.reason}, refusal.status)
    return _unkept({"done": "send"})


async def _manage(request: Request) -> JSONResponse:
    """Do what the teacher asks: begin or end a round, reveal, remove or freeze nicknames, open or close it to all."""
    board = request.app.state.board
    if not _is_teacher(request):
        return _unkept({"refused": "teacher"}, 403)
    try:
        content = await _content(request, {"do": str})
        if content["do"] == "begin":
            board.begin(Round.read(content))
        elif content["do"] == "end":
            board.begin(None)
        elif content["do"] == "clear":
            board.begin(board.round)
        elif content["do"] == "reveal":
            board.revealed = True
        elif content["do"] == "remove":
            board.remove(str(content.get("nickname")))
        elif content["do"] in ("open", "close"):
            board.open_to_all = content["do"] == "open"
        elif content["do"] in ("freeze", "admit"):
            board.frozen = content["do"] == "freeze"
        else:
            raise Refused(400, "content")
    except Refused as refusal:
        return _unkept({"refused": refusal.reason}, refusal.status)
    return _unkept({"done": content["do"]})


ROUTES = [
    Route("/board/round", _round),
    Route("/board/answers", _answers),
    Route("/board/answers", _send, methods=["POST"]),
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


def _unkept(content: dict[str, Any], status: int = 200) -> JSONResponse:
    """Answer with JSON that no browser keeps."""
    return JSONResponse(content, status, {"cache-control": "no-store"})


def _is_teacher(request: Request) -> bool:
    """Tell whether the request comes from this very computer."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
