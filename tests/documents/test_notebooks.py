"""The notebooks for teaching: clean as stored, and they run."""

import json
import re
import time
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "experiments/notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return request.param


def test_there_are_five_notebooks_in_order():
    assert [path.name[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_", "5_"]


def test_a_notebook_is_stored_without_outputs_or_traces_of_a_machine(notebook):
    text = notebook.read_text(encoding="utf-8")
    stored = json.loads(text)
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    ids = [cell["id"] for cell in stored["cells"]]

    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in stored["cells"])
    assert stored["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert (stored["nbformat"], stored["nbformat_minor"]) == (4, 5)
    assert len(set(ids)) == len(ids)
    assert text == json.dumps(stored, indent=1, ensure_ascii=False) + "\n"


def test_a_notebook_opens_with_a_question_and_ends_with_exercises(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    first, last = ("".join(cells[place]["source"]) for place in (0, -1))

    assert cells[0]["cell_type"] == cells[-1]["cell_type"] == "markdown"
    assert "**Question: " in first
    assert "?**" in first
    assert "## Exercises" in last


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:(jupyter|nb|zmq|tornado).*")
def test_a_notebook_runs_in_two_minutes_without_errors_or_warnings(notebook, tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    opened = nbformat.read(notebook, as_version=4)
    nbformat.validate(opened)
    runner = nbclient.NotebookClient(
        opened, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    begun = time.monotonic()
    runner.execute()
    took = time.monotonic() - begun
    outputs = [output for cell in opened.cells for output in cell.get("outputs", [])]
    told = "".join(output.text for output in outputs if output.get("name") == "stderr").splitlines()
    warned = [
        line for line in told if not re.fullmatch(r".*[\d,]+ of [\d,]+ .*, about .* left", line)
    ]  # on a slow machine
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]

    assert took < 120
    assert warned == []
    assert 2 <= len(pictures) <= 4
    assert list(tmp_path.iterdir()) == []
