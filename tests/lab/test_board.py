"""The class board: who may send and see what, how much and how often, and that only decisions count."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

from sim.lab import board as board_module
from sim.lab import game_runs
from sim.lab.app import build_app
from sim.lab.board import Board, Refused, clean_nickname
from sim.lab.game import ROUNDS, SCENARIOS
from sim.lab.game_runs import final_score
from sim.model.policies import Neutral

ORIGIN = {"origin": "http://127.0.0.1:8000"}
CITY = {"scenario": "municipal_climate", "seed": 3}
NOTHING = ".".join(["000000a"] * ROUNDS)
GAME = {**CITY, "nickname": "Anna", "decisions": NOTHING}
RULES = {"do": "begin", **CITY}


def client(address="127.0.0.1", **more):
    app = build_app(lambda: ThreadPoolExecutor(1), **{"with_board": True, **more})
    return TestClient(app, base_url="http://127.0.0.1:8000", client=(address, 5000))


@pytest.fixture(scope="module")
def open_lab():
    with pytest.MonkeyPatch.context() as patch, client() as error:
        patch.setattr(game_runs, "POLICIES", (Neutral,))  # one of them will do
        yield error


@pytest.fixture
def teacher(open_lab):
    """An app with an empty board, used from the teacher's computer."""
    open_lab.post("/board/manage", json=RULES, headers=ORIGIN)
    open_lab.post("/board/manage", json={"do": "close"}, headers=ORIGIN)
    board = open_lab.app.app.state.board
    board._sent.clear()
    return open_lab


@pytest.fixture
def student(teacher):
    """The same lab, asked from another machine."""
    return TestClient(teacher.app, base_url="http://127.0.0.1:8000", client=("192.168.1.20", 5000))


@pytest.fixture
def clock():
    """A clock that is set by hand."""
    return {"now": 0.0}


@pytest.fixture
def board(clock):
    return Board("municipal_climate", 3, clock=lambda: clock["now"])


@pytest.mark.parametrize(
    ("inputs", "saved"),
    [("Anna", "Anna"), ("  a \t b\n", "a b"), ("x" * 24, "x" * 24), ("Zoë", "Zoë"), ("<b>", "<b>"), ("李", "李")],
)
def test_a_nickname_keeps_what_can_be_printed(inputs, saved):
    assert clean_nickname(inputs) == saved


@pytest.mark.parametrize("inputs", ["", "   ", "x" * 25, "a\u202eb", "a\x00b", "\ud800", "a\u200bb", "\x1b[31m"])
def test_a_nickname_that_cannot_be_printed_is_refused(inputs):
    with pytest.raises(Refused):
        clean_nickname(inputs)


def test_ranks_count_who_does_better(board):
    for name, retention, value in (("a", 0.5, 3.0), ("b", 0.75, 2.0), ("c", 0.5, 3.0)):
        text = board.add(name, NOTHING, {"retention": retention, "society_value": value})

    assert (text["society_value_rank"], text["retention_rank"], text["of"]) == (1, 2, 3)
    assert [(e["nickname"], e["society_value_rank"]) for e in board.ranked()] == [("a", 1), ("c", 1), ("b", 3)]


def test_the_board_takes_a_name_once_and_is_full_at_last(board, monkeypatch):
    monkeypatch.setattr(board_module, "MAX_ENTRIES", 2)
    reached = {"retention": 1.0, "society_value": 1.0}
    board.add("Anna", NOTHING, reached)
    with pytest.raises(Refused, match="taken"):
        board.add("ANNA", NOTHING, reached)
    board.add("Ben", NOTHING, reached)
    with pytest.raises(Refused, match="full"):
        board.add("Chris", NOTHING, reached)
    board.remove("anna")
    board.add("Chris", NOTHING, reached)


def test_who_sends_too_often_waits_a_minute(board, clock):
    for _ in range(board_module.MAX_PER_MINUTE):
        board.count_sender("192.168.1.20")
    with pytest.raises(Refused, match="often"):
        board.count_sender("192.168.1.20")
    board.count_sender("192.168.1.21")
    clock["now"] += board_module.MINUTE
    board.count_sender("192.168.1.20")


def test_a_game_is_taken_and_its_score_worked_out_from_its_decisions(student, teacher):
    sent = student.post("/board/scores", json={**GAME, "retention": 1.0, "society_value": 99.0}, headers=ORIGIN)

    reached = final_score("municipal_climate", 3, NOTHING)
    assert sent.status_code == 200
    assert sent.json()["society_value"] == reached["society_value"]
    seen = teacher.get("/board/scores").json()
    assert [(e["nickname"], e["retention"]) for e in seen["entries"]] == [("Anna", reached["retention"])]
    neutral = next(row for row in seen["others"] if row["kind"] == "neutral")
    assert (neutral["retention"], neutral["society"]) == (reached["retention"], reached["society_value"])
    assert not [row for row in seen["others"] if row["kind"] == "you"]


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"nickname": ""}, 400, "nickname"),
        ({"nickname": "x" * 25}, 400, "nickname"),
        ({"nickname": 7}, 400, "content"),
        ({"nickname": None}, 400, "content"),
        ({"seed": True}, 400, "content"),
        ({"seed": "3"}, 400, "content"),
        ({"seed": 4}, 409, "run"),
        ({"seed": -1}, 400, "content"),
        ({"scenario": "denim_alliance"}, 409, "run"),
        ({"scenario": "../../x.yaml"}, 400, "content"),
        ({"decisions": "000000a"}, 400, "unfinished"),
        ({"decisions": NOTHING + ".000000a"}, 400, "content"),
        ({"decisions": NOTHING.replace("0", "9")}, 400, "content"),
        ({"decisions": "000000a." * 9 + "000000ap"}, 400, "content"),
    ],
)
def test_an_unfinished_game_or_one_with_another_seed_is_refused(student, teacher, changes, status, why):
    answer = student.post("/board/scores", json=GAME | changes, headers=ORIGIN)

    assert (answer.status_code, answer.json()) == (status, {"refused": why})
    assert teacher.get("/board/scores").json()["entries"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"[" * 1900, b"\xff\xfe", b'{"nickname": NaN}'])
def test_what_is_no_object_is_refused(student, body):
    kind = {"content-type": "application/json"}
    answer = student.post("/board/scores", content=body, headers=ORIGIN | kind)

    assert answer.status_code == 400
    assert answer.json() == {"refused": "content"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({**ORIGIN, "content-type": "text/plain"}, 415),
        ({**ORIGIN, "content-type": "application/x-www-form-urlencoded"}, 415),
        ({**ORIGIN, "content-length": "2001"}, 413),
        ({**ORIGIN, "content-length": "00000000000002001"}, 413),
        ({**ORIGIN, "content-length": "-1"}, 411),
        ({**ORIGIN, "content-length": "x"}, 411),
        ({**ORIGIN, "transfer-encoding": "chunked"}, 411),
        ({**ORIGIN, "host": "evil.example"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/board/scores", "/board/manage"])
def test_what_the_page_would_not_send_is_refused(teacher, path, headers, status):
    kind = {"content-type": "application/json"}

    assert teacher.post(path, content=json.dumps(GAME), headers=kind | headers).status_code == status
    assert teacher.get("/board/scores").json()["entries"] == []


def test_nothing_else_takes_anything(teacher):
    assert teacher.post("/board/scores", json=GAME).status_code == 403, "without an origin"
    for path in ("/", "/convene", "/board", "/board/run", "/convene/round", "/static/convene.js"):
        assert teacher.post(path, json=GAME, headers=ORIGIN).status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert teacher.request(method, "/board/scores", headers=ORIGIN).status_code == 405


def test_without_a_board_there_is_nothing_to_send_to_or_see():
    with client(with_board=False) as lab:
        assert lab.get("/board/run").json() == {"collects": False}
        assert lab.get("/board").status_code == 404
        assert lab.get("/board/scores").status_code == 403
        assert lab.post("/board/scores", json=GAME, headers=ORIGIN).status_code == 405
        assert lab.post("/board/manage", json=RULES, headers=ORIGIN).status_code == 405


def test_others_see_the_board_only_when_it_is_opened_to_all(student, teacher):
    assert student.get("/board").status_code == 403
    assert student.get("/board/scores").status_code == 403
    assert student.get("/board/run").json() == {"collects": True, **CITY, "visible": False}
    teacher.post("/board/manage", json={"do": "open"}, headers=ORIGIN)
    assert student.get("/board/run").json()["visible"]
    assert student.get("/board/scores").status_code == 200
    assert 'id="clear"' not in student.get("/board").text
    assert 'id="clear"' in teacher.get("/board?lang=nl").text
    teacher.post("/board/manage", json={"do": "close"}, headers=ORIGIN)
    assert student.get("/board").status_code == 403


@pytest.mark.parametrize("rule", [RULES, {"do": "clear"}, {"do": "open"}, {"do": "remove", "nickname": "Anna"}])
@pytest.mark.parametrize("address", ["192.168.1.20", "0.0.0.0", "::", "8.8.8.8", "testclient", ""])
def test_only_the_teachers_machine_rules(teacher, rule, address):
    other = TestClient(teacher.app, base_url="http://127.0.0.1:8000", client=(address, 5000))

    answer = other.post("/board/manage", json=rule, headers=ORIGIN | {"x-forwarded-for": "127.0.0.1"})
    assert answer.status_code == 403
    assert not teacher.app.app.state.board.open_to_all


def test_the_teacher_clears_removes_and_chooses_the_run(student, teacher):
    for name in ("Anna", "Ben", "Chris"):
        student.post("/board/scores", json=GAME | {"nickname": name}, headers=ORIGIN)

    def names():
        return [e["nickname"] for e in teacher.get("/board/scores").json()["entries"]]

    assert names() == ["Anna", "Ben", "Chris"]
    assert student.post("/board/scores", json=GAME, headers=ORIGIN).json() == {"refused": "taken"}
    teacher.post("/board/manage", json={"do": "remove", "nickname": "Ben"}, headers=ORIGIN)
    assert names() == ["Anna", "Chris"]
    teacher.post("/board/manage", json={"do": "clear"}, headers=ORIGIN)
    assert names() == []
    for wrong in ({"do": "fly"}, {"do": 1}, {"do": "begin", "scenario": "x", "seed": 1}, {"do": "begin"}):
        assert teacher.post("/board/manage", json=wrong, headers=ORIGIN).status_code == 400
    teacher.post("/board/manage", json={"do": "begin", "scenario": SCENARIOS[1], "seed": 9}, headers=ORIGIN)
    assert teacher.get("/board/run").json() == {"collects": True, "scenario": SCENARIOS[1], "seed": 9, "visible": True}


@pytest.mark.parametrize("language", ["nl", "en", "../../..", "xx"])
def test_the_board_speaks_known_languages_only(teacher, language):
    assert teacher.get("/board", params={"lang": language}).status_code == 200
    link = teacher.get("/board/scores", params={"lang": language}).json()["link"]
    assert ("lang=nl" in link) == (language == "nl")


def test_a_nickname_cannot_become_part_of_the_page(student, teacher):
    student.post("/board/scores", json=GAME | {"nickname": "<img src=x onerror=1>"}, headers=ORIGIN)

    assert "<img" not in teacher.get("/board").text
    answer = teacher.get("/board/scores")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
