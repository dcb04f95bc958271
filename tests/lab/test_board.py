"""The class board: who may send and see what, how much and how often, and which nicknames can be shown."""

import json

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

from sim.lab import board as board_module
from sim.lab.board import Answer, Board, Refused, Round
from sim.lab.nicknames import clean, skeleton
from sim.lab.server import build_app

ORIGIN = {"origin": "http://127.0.0.1:8000"}
GAME = {"kind": "game", "about": "", "story": "denim_alliance", "seed": 100, "seeds": 28}
PREDICTION = {"kind": "activity", "about": "capture", "story": "neutral", "seed": 4, "seeds": 1}
NOTHING = ".".join(["00000"] * 10)
TOKEN = "a1" * 10


def answer(nickname="Anna", word="more", token=TOKEN, address="192.168.1.20"):
    return Answer(nickname, word, token, address)


def token(k):
    return f"{k:020d}"


@pytest.fixture
def clock():
    """A clock that is set by hand."""
    return {"now": 0.0}


@pytest.fixture
def board(clock):
    result = Board(clock=lambda: clock["now"])
    result.begin(Round.read(PREDICTION))
    return result


@pytest.fixture
def teacher(tmp_path):
    """An app with a board and a round, used from the teacher's computer."""
    app = build_app(tmp_path, with_board=True, shared="http://192.168.1.5:8000/")
    client = TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000))
    manage(client, do="begin", **PREDICTION)
    return client


@pytest.fixture
def student(teacher):
    """The same app, asked from another computer."""
    return TestClient(teacher.app, base_url="http://127.0.0.1:8000", client=("192.168.1.20", 5000))


def manage(client, **content):
    return client.post("/board/manage", json=content, headers=ORIGIN)


def send(client, **changes):
    number = client.get("/board/round").json()["number"]
    content = {"nickname": "Anna", "answer": "more", "token": TOKEN, "number": number} | changes
    return client.post("/board/answers", json=content, headers=ORIGIN)


def names(client):
    return [one["nickname"] for one in client.get("/board/answers").json()["answers"]]


@pytest.mark.parametrize(
    ("given", "shown"),
    [("Anna", "Anna"), ("  a \t b\n", "a b"), ("x" * 24, "x" * 24), ("Zoe\u0308", "Zoë"), ("<b>", "<b>"), ("李小", "李小"),
     ("Анна", "Анна"), ("❤️", "❤"), ("Li李", "Li李")],
)  # fmt: skip
def test_a_nickname_keeps_what_can_be_shown(given, shown):
    assert clean(given) == shown


@pytest.mark.parametrize(
    "given",
    ["", "   ", "...", "x" * 25, "a\u202eb", "a\u2066b", "a\x00b", "\ud800", "a\u200bb", "\x1b[31m", "\u3164", "a\u115fb",
     "z" + "\u0301" * 3, "\u0410nna", "Ann\u0430", "\u0391nna"],
    ids=ascii,
)  # fmt: skip
def test_a_nickname_that_hides_turns_piles_up_or_mixes_scripts_is_refused(given):
    assert clean(given) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "ANNA"), ("Anna", "A n-n.a"), ("Anna", "Ａｎｎａ"), ("Bill", "B1ll"), ("Bill", "BiII"), ("Bob", "B0b"),
     ("Zoë", "Zoe"), ("Morna", "Moma"), ("COCA", "СОСА")],
)  # fmt: skip
def test_names_that_look_alike_have_one_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


def test_a_page_changes_its_answer_until_answers_are_revealed(board):
    board.send(board.number, answer(word="more"))
    board.send(board.number, answer("Anna B", word="same"))

    assert board.answers() == [{"nickname": "Anna B", "answer": "same"}]
    board.revealed = True
    with pytest.raises(Refused, match="late"):
        board.send(board.number, answer(word="fewer"))


def test_a_nickname_that_looks_like_another_is_taken(board):
    board.send(board.number, answer("Bill"))

    with pytest.raises(Refused, match="taken"):
        board.send(board.number, answer("B1LL", token=token(1)))


def test_a_whole_class_behind_one_address_can_answer_but_one_address_cannot_fill_the_board(board):
    for k in range(board_module.MOST_FROM_ADDRESS):
        board.send(board.number, answer(f"pupil {k}", token=token(k)))

    with pytest.raises(Refused, match="full"):
        board.send(board.number, answer("one more", token=token(99)))
    board.send(board.number, answer("somebody else", token=token(98), address="192.168.1.21"))


def test_a_page_that_sends_too_often_waits_a_minute_and_others_do_not(board, clock):
    for _ in range(board_module.MOST_A_MINUTE_OF_PAGE):
        board.send(board.number, answer())
    with pytest.raises(Refused, match="often"):
        board.send(board.number, answer())
    board.send(board.number, answer("Ben", token=token(1)))
    clock["now"] += board_module.MINUTE
    board.send(board.number, answer())


def test_an_address_that_sends_too_often_waits_whatever_its_pages_are_called(board, monkeypatch):
    monkeypatch.setattr(board_module, "MOST_A_MINUTE_OF_ADDRESS", 2)
    for k in range(2):
        board.send(board.number, answer("ab"[k], token=token(k)))

    with pytest.raises(Refused, match="often"):
        board.send(board.number, answer("c", token=token(2)))
    board.send(board.number, answer("d", token=token(3), address="192.168.1.21"))


def test_what_the_teacher_removes_does_not_come_back_in_this_round(board):
    board.send(board.number, answer("rude"))
    board.remove("RUDE")

    with pytest.raises(Refused, match="round"):
        board.send(board.number, answer("other"))
    board.begin(board.round)
    board.send(board.number, answer("other"))


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"nickname": ""}, 400, "nickname"),
        ({"nickname": 7}, 400, "content"),
        ({"nickname": None}, 400, "content"),
        ({"number": True}, 400, "content"),
        ({"number": 99}, 409, "round"),
        ({"answer": "perhaps"}, 400, "content"),
        ({"answer": "more\n"}, 400, "content"),
        ({"answer": NOTHING}, 400, "content"),
        ({"token": "short"}, 400, "content"),
        ({"token": "x" * 41}, 400, "content"),
    ],
)
def test_what_is_not_an_answer_to_this_round_is_refused(student, teacher, changes, status, why):
    refused = send(student, **changes)

    assert (refused.status_code, refused.json()) == (status, {"refused": why})
    assert names(teacher) == []


@pytest.mark.parametrize(
    ("decisions", "status"),
    [(NOTHING, 200), ("t0000p" + NOTHING[5:], 200), (NOTHING[:-6], 400), (NOTHING + ".00000", 400), ("x" + NOTHING[1:], 400)],
)  # fmt: skip
def test_a_game_is_ten_half_years(student, teacher, decisions, status):
    manage(teacher, do="begin", **GAME)

    assert send(student, answer=decisions).status_code == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"[" * 900, b"\xff\xfe", b'{"nickname": NaN}'])
def test_what_is_not_an_object_is_refused(student, body):
    kind = {"content-type": "application/json"}
    refused = student.post("/board/answers", content=body, headers=ORIGIN | kind)

    assert (refused.status_code, refused.json()) == (400, {"refused": "content"})


@pytest.mark.parametrize(
    "changes",
    [{"kind": "exam"}, {"story": "../../x"}, {"about": 1}, {"seed": -1}, {"seed": True}, {"seeds": 0}, {"seeds": 101}],
    ids=str,
)
def test_a_round_that_is_not_valid_does_not_begin(teacher, changes):
    assert manage(teacher, do="begin", **GAME | changes).status_code == 400
    assert teacher.get("/board/round").json()["round"] == PREDICTION


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"origin": ""}, 403), ({"origin": "http://evil.example"}, 403), ({"host": "evil.example"}, 403),
     ({**ORIGIN, "content-type": "text/plain"}, 415), ({**ORIGIN, "content-length": "1001"}, 413)],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/board/answers", "/board/manage"])
def test_what_the_page_would_not_send_is_refused(teacher, path, headers, status):
    kind = {"content-type": "application/json"}

    assert teacher.post(path, content=json.dumps(GAME), headers=kind | headers).status_code == status


def test_others_see_the_answers_only_when_the_board_is_open_to_all(student, teacher):
    send(student)

    assert student.get("/board/answers").status_code == 403
    seen = student.get("/board/round").json()
    assert seen == {"number": 2, "round": PREDICTION, "revealed": False, "visible": False, "count": 1}
    manage(teacher, do="open")
    assert names(student) == ["Anna"]
    manage(teacher, do="close")
    assert student.get("/board/answers").status_code == 403


def test_the_teachers_page_hears_where_the_class_finds_the_app(teacher):
    assert teacher.get("/board/round").json()["shared"] == "http://192.168.1.5:8000/"
    assert teacher.get("/board/round").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("asked", [{"do": "clear"}, {"do": "open"}, {"do": "remove", "nickname": "Anna"}], ids=str)
@pytest.mark.parametrize("address", ["192.168.1.20", "0.0.0.0", "::", "8.8.8.8", "testclient", ""])
def test_only_the_teachers_computer_manages(teacher, asked, address):
    other = TestClient(teacher.app, base_url="http://127.0.0.1:8000", client=(address, 5000))
    headers = ORIGIN | {"x-forwarded-for": "127.0.0.1"}

    assert other.post("/board/manage", json=asked, headers=headers).status_code == 403


def test_a_frozen_board_takes_changes_but_no_new_nickname(student, teacher):
    send(student, token=token(1))
    manage(teacher, do="freeze")

    assert teacher.get("/board/round").json()["frozen"] is True
    assert send(student, answer="same", token=token(1)).json() == {"done": "send"}
    assert send(student, nickname="Ben", token=token(2)).json() == {"refused": "frozen"}

    manage(teacher, do="admit")

    assert send(student, nickname="Ben", token=token(2)).json() == {"done": "send"}


def test_the_teacher_removes_clears_reveals_and_begins_another_round(student, teacher):
    for k, name in enumerate(("Anna", "Ben", "Chris")):
        assert send(student, nickname=name, token=token(k)).status_code == 200

    assert names(teacher) == ["Anna", "Ben", "Chris"]
    manage(teacher, do="remove", nickname="Ben")
    assert names(teacher) == ["Anna", "Chris"]
    manage(teacher, do="reveal")
    assert send(student, token=token(7)).json() == {"refused": "late"}
    manage(teacher, do="clear")
    assert names(teacher) == []
    for wrong in ({"do": "fly"}, {"do": 1}, {}):
        assert manage(teacher, **wrong).status_code == 400
    manage(teacher, do="begin", **GAME)
    assert teacher.get("/board/round").json()["round"] == GAME
    manage(teacher, do="end")
    assert teacher.get("/board/round").json()["round"] is None
    assert send(student).json() == {"refused": "round"}


def test_the_plain_address_leads_to_the_class(teacher, tmp_path):
    (tmp_path / "index.html").write_text("the app")

    plain, by_class = (teacher.get(address, follow_redirects=False) for address in ("/", "/?class"))
    assert (307, "/?class") == (plain.status_code, plain.headers["location"])
    assert (200, "the app") == (by_class.status_code, by_class.text)


def test_without_a_board_there_is_nothing_to_ask_or_send_to(tmp_path):
    client = TestClient(build_app(tmp_path), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000))

    assert client.get("/board/round").status_code == 404
    assert client.post("/board/answers", json={}, headers=ORIGIN).status_code == 405
