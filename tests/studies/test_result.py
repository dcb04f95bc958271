"""What every study returns: tables, figures, a page, and a folder that says what made it."""

import json

import pandas as pd
import pytest

from sim.core.errors import InputError
from sim.storage.results import read_table
from sim.studies.identity import identify
from sim.studies.result import Result

ROWS = pd.DataFrame({"policy": ["neutral", "<b>own</b>"], "retention": [0.25, 0.5]})


class Small(Result):
    """A study with one figure."""

    command = "small"

    def draw(self):
        def bars():
            import matplotlib.pyplot as plt

            figure, ax = plt.subplots()
            ax.bar([0, 1], [1, 2])
            return figure

        return {"bars": bars}


@pytest.fixture
def result():
    return Small({"summary": ROWS, "gaps": ROWS}, identify({"months": 3}), (0, 1), "sim.small()")


def test_tables_are_attributes_and_others_are_named(result):
    assert result.summary is ROWS
    assert "gaps" in dir(result)
    with pytest.raises(AttributeError, match="its tables are summary, gaps"):
        result.sumary  # noqa: B018


def test_an_unknown_figure_lists_those_that_exist(result):
    assert result.figures == ["bars"]
    with pytest.raises(InputError, match="did you mean bars"):
        result.figure("bar")


def test_a_saved_result_says_what_made_it(result, tmp_path):
    folder = result.save(tmp_path / "out")
    manifest = json.loads((folder / "manifest.json").read_text())

    assert read_table(folder / "summary.parquet").equals(ROWS)
    assert manifest["key"] == result.key
    assert manifest["command"] == "sim.small()"
    assert manifest["model"] == result.identity.model
    assert manifest["n_seeds"] == 2
    assert sorted(manifest["files"]) == ["bars.png", "bars.svg", "config.yaml", "gaps.csv", "summary.parquet"]


def test_the_same_result_replaces_itself_and_another_is_refused(result, tmp_path):
    result.save(tmp_path / "out")
    result.save(tmp_path / "out")
    other = Small({"summary": ROWS}, identify({"months": 4}))

    with pytest.raises(InputError, match="holds the result of another configuration; name a new folder"):
        other.save(tmp_path / "out")


def test_a_page_escapes_text_and_shows_figures_and_tables(result):
    html = result.report()

    assert "<b>own" not in html
    assert "data:image/png" in html
    assert "&lt;b&gt;own" in result._repr_html_()
