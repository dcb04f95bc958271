"""A page as slides and as a spreadsheet: every table and figure is there, to edit, with the numbers of the tables."""

import re

import pandas as pd
import pytest

from sim.cli.main import main
from sim.core.errors import InputError
from sim.studies.report.folder import save_page
from sim.studies.report.page import Page, Section, Table

QUICK = ["months=12", "replications=4", "scenario=neutral", "scenario.size.partners=8", "region=2"]
LONG = "a plan with a label that goes on for very much longer than a line of a slide has room for"


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files") / "out"
    policies = f"policies=[neutral,bundling,{{label: '{LONG}', name: placebo}}]"
    assert main(["compare", *QUICK, policies, f"folder={folder}"]) == 0
    return folder


def test_slides_hold_the_answer_every_table_and_every_figure(compared, tmp_path):
    pptx = pytest.importorskip("pptx", reason="needs the extra slides")
    file = tmp_path / "board.pptx"
    assert main(["report", str(compared), f"to={file}"]) == 0
    slides = list(pptx.Presentation(file).slides)
    shapes = [shape for slide in slides for shape in slide.shapes]
    tables = [shape.table for shape in shapes if shape.has_table]
    html = (compared / "report.html").read_text(encoding="utf-8")
    answer = re.sub("<.*?>", "", re.search(r'class="lead">(.*?)</p>', html)[1]).replace("\u2212", "-")

    assert slides[0].shapes.title.text == "Neutral reference: 3 policies compared"
    assert answer in [shape.text_frame.text for shape in slides[0].shapes]
    assert all(slide.shapes.title.text for slide in slides)
    assert sum(shape.shape_type == 13 for shape in shapes) == html.count("<img ")
    assert len(tables) >= html.count("<table ")
    assert any(cell.text_frame.text == LONG for table in tables for cell in table.iter_cells())
    wide, high = pptx.Presentation(file).slide_width, pptx.Presentation(file).slide_height
    assert all(shape.left + shape.width <= wide and shape.top + shape.height <= high for shape in shapes)


def test_a_spreadsheet_holds_the_numbers_in_full(compared, tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    file = tmp_path / "board.xlsx"
    assert main(["report", str(compared), f"to={file}"]) == 0
    book = openpyxl.load_workbook(file)
    head, *rows = book["differences"].iter_rows(values_only=True)
    written = pd.DataFrame(rows, columns=head)
    known = pd.read_csv(compared / "differences.csv")

    assert book.sheetnames[0] == "Answer"
    assert book.sheetnames[-2:] == ["Words", "Made by"]
    assert written["difference"].astype(float).to_list() == pytest.approx(known["difference"].to_list(), nan_ok=True)
    assert {cell.value for cell in book["1 Difference to neutral over 2"][1]} >= {"policy", "private value"}


def test_a_text_is_no_formula_and_sheets_have_names_of_their_own(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    table = Table("a" * 40, ["policy", "value"], [["=1+1", "-2"]])
    page = Page("T", "Q", ["A"], [Section("S", tables=[table])], {})
    save_page(page, tmp_path / "x.xlsx", {"b" * 40: pd.DataFrame({"c": ["=2"]}), "b" * 41: pd.DataFrame({"c": [1.5]})})
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")

    assert book.worksheets[1]["A2"].data_type == "s"
    assert book.worksheets[2]["A2"].data_type == "s"
    assert book.worksheets[3]["A2"].value == 1.5
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)


@pytest.mark.parametrize(("suffix", "words"), [
    ("pptx", "slides need python-pptx: python -m pip install 'partnership-dynamics[slides]'"),
    ("xlsx", "a spreadsheet needs openpyxl: python -m pip install 'partnership-dynamics[excel]'"),
])  # fmt: skip
def test_a_missing_extra_is_named_with_what_to_type(suffix, words, tmp_path, monkeypatch):
    for name in ("pptx", "openpyxl"):
        monkeypatch.setitem(__import__("sys").modules, name, None)

    with pytest.raises(InputError) as error:
        save_page(Page("T", "Q", ["A"], [], {}), tmp_path / f"x.{suffix}", {})
    assert words in str(error.value)


@pytest.mark.parametrize(("options", "words"), [
    (["to=board.doc"], "end the name in .pptx (slides), .xlsx (a spreadsheet) or .html"),
    (["to=here.pptx"], "is there already; name another file, or add overwrite=true"),
])  # fmt: skip
def test_a_target_that_cannot_be_is_one_line(options, words, compared, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.pptx").write_text("mine")
    assert main(["report", str(compared), *options]) == 2
    message = capsys.readouterr().err

    assert words in message
    assert message.count("\n") == 1
    assert (tmp_path / "here.pptx").read_text() == "mine"
