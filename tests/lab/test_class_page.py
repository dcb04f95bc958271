"""The class in a browser: codes without a server, and the board of the server, for a student's page and the teacher's."""

import json

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

from sim.lab.server import build_app

SETTLED = "main[data-state=settled]"
CODE = """async ([answer, round]) => (await import("./model/codes.js")).writeCode(answer, round)"""
GAME = {"kind": "game", "about": "", "story": "denim_alliance", "seed": 100, "seeds": 28}
PREDICTION = {"kind": "activity", "about": "hopes", "story": "neutral", "seed": 5, "seeds": 1}
NOTHING, BUNDLES = ".".join(["00000"] * 10), ".".join(["08000"] * 10)
SIDEWAYS = """() => document.documentElement.scrollWidth - innerWidth
  + document.getElementById("main").scrollWidth - document.getElementById("main").clientWidth"""

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser, address):
    """Open pages, each of its own person; all of them see the same board where one is given."""
    contexts, problems, asked = [], [], []

    def open_page(where, board=None, size=(1366, 768)):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: asked.append(request.url) if "/board/" in request.url else None)
        if board:
            page.route("**/board/*", lambda route: forward(route, board))
        page.goto(address + where)
        page.wait_for_selector(SETTLED, timeout=120_000)
        return page

    open_page.asked = asked
    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def forward(route, board):
    """Let the app of the board answer a request of a page."""
    request, path = route.request, "/board/" + route.request.url.rsplit("/", 1)[1]
    headers = {"origin": "http://127.0.0.1:8000"}
    answer = (
        board.post(path, json=request.post_data_json, headers=headers) if request.method == "POST" else board.get(path)
    )
    route.fulfill(status=answer.status_code, body=answer.content, headers={"content-type": "application/json"})


@pytest.fixture
def clients(tmp_path):
    """The app with a board, asked from the teacher's computer and from a student's."""
    app = build_app(tmp_path, with_board=True, shared="http://192.168.1.5:8000/")
    return [TestClient(app, base_url="http://127.0.0.1:8000", client=(a, 5000)) for a in ("127.0.0.1", "192.168.1.20")]


def begin(page, round_):
    page.locator(".board select").first.select_option(round_["kind"])
    if round_["kind"] == "activity":
        page.locator(".board select").nth(1).select_option(round_["about"])
    page.get_by_role("button", name="Begin", exact=True).click()


def add(page, lines):
    page.get_by_text("Add answers by code or file").click()
    page.locator(".manage textarea").fill("\n".join(lines))
    page.get_by_role("button", name="Add", exact=True).click()


def test_without_a_server_codes_make_the_bars_and_nothing_is_asked(opened):
    student = opened("#learn?activity=hopes&guess=fewer&of=28", size=(390, 844))
    student.get_by_text("Code for your teacher").click()
    teacher = opened("#board")
    begin(teacher, PREDICTION)
    add(teacher, [f"Anna {student.locator('.code').inner_text()}", "Ben 777"])

    teacher.get_by_text("Line 2, “Ben 777”: a letter of the code is wrong").wait_for()
    assert teacher.locator(".bars b").all_inner_texts() == ["0", "1", "0"]
    assert teacher.locator(".manage textarea").input_value() == "Ben 777"
    teacher.reload()
    teacher.wait_for_selector(".bars")
    assert teacher.locator(".count").inner_text() == "1 prediction"
    assert opened.asked == []


def test_games_are_played_with_every_seed_and_laid_side_by_side(opened):
    page = opened("#board")
    begin(page, GAME)
    codes = [page.evaluate(CODE, [answer, GAME]) for answer in (NOTHING, BUNDLES)]
    add(page, [f"Anna {codes[1]}", f"Ben {codes[0]}", f"Cleo {codes[0]}"])
    page.wait_for_selector(f".leaders tbody:has({' ~ '.join(['tr:not(.shipped)'] * 3)})", timeout=120_000)

    rows = page.locator(".leaders tbody tr:not(.shipped)")
    assert [row.split()[:2] for row in rows.all_inner_texts()] == [["1", "Anna"], ["2", "Ben"], ["2", "Cleo"]]
    nothing = page.locator(".leaders tr", has_text="Doing nothing").locator("b").all_inner_texts()
    assert rows.nth(1).locator("b").all_inner_texts() == nothing
    page.get_by_role("button", name="Compare two games").click()
    page.wait_for_selector(".turns tbody tr:nth-child(10)", timeout=60_000)
    assert page.locator(".turns strong").all_inner_texts()[:2] == ["Bundle 8", "Nothing"]
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(SIDEWAYS) == 0


def test_a_student_joins_predicts_sends_and_changes_it_and_the_teacher_sees_it(opened, clients):
    teacher = opened("?class#board", clients[0])
    begin(teacher, PREDICTION)
    teacher.wait_for_selector(".bars")
    assert teacher.locator(".address").inner_text() == "192.168.1.5:8000/?class"
    student = opened("?class", clients[1], (390, 844))
    student.get_by_role("button", name="Fewer members").click()
    student.get_by_label("Nickname").fill("Anna")
    student.get_by_role("button", name="Send to the class board").click()
    student.get_by_text("Sent as Anna").wait_for()

    teacher.wait_for_selector(".bars li:nth-child(2) b:text-is('1')")
    other = opened("?class#learn?activity=hopes&guess=more", clients[1], (390, 844))
    other.get_by_label("Nickname").fill("A N N A")
    other.get_by_role("button", name="Send to the class board").click()
    other.get_by_text("Somebody has this nickname").wait_for()
    teacher.get_by_text("Nicknames", exact=True).click()
    teacher.get_by_role("button", name="Remove Anna").click()
    teacher.wait_for_selector(".bars li:nth-child(2) b:text-is('0')")


def test_a_new_round_is_told_where_a_student_is(opened, clients):
    student = opened("?class#learn", clients[1], (390, 844))
    assert student.locator("#class-note").count() == 0
    clients[0].post("/board/manage", json={"do": "begin", **GAME}, headers={"origin": "http://127.0.0.1:8000"})
    student.get_by_role("button", name="Go there").click()
    student.get_by_label("Nickname").fill("Zoë")
    student.get_by_role("button", name="Play", exact=True).click()
    student.get_by_role("button", name="Let six months pass").wait_for()

    assert "seed=100&of=28" in student.url
    assert json.loads(student.evaluate("sessionStorage.getItem('who-stays nickname')"))["nickname"] == "Zoë"
