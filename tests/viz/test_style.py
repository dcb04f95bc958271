"""The style of figures."""

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.model.sectors import MOST_FURTHER, SECTORS
from sim.viz.axes.sectors import plot_by_sector
from sim.viz.style import RC, SECTOR_LOOKS, sector_looks


def test_a_title_with_dollars_in_it_is_drawn_as_it_stands():
    with mpl.rc_context(RC):
        assert not Text(text=r"From $5 to $\frac{10").get_parse_math()


def test_every_sector_differs_from_every_other_in_colour_marker_and_line():
    assert len(SECTORS) + MOST_FURTHER == len(SECTOR_LOOKS)
    assert [len(SECTOR_LOOKS)] * 3 == [len(set(looks)) for looks in zip(*SECTOR_LOOKS, strict=True)]


def test_further_sectors_follow_the_four_by_the_alphabet():
    looks = sector_looks(["media", "private", "finance"])

    assert [*SECTORS, "finance", "media"] == list(looks)
    assert looks["public"] == sector_looks([])["public"]


def test_a_line_is_drawn_for_each_sector_of_the_table():
    names = (*SECTORS, "real_estate")
    table = pd.DataFrame({"policy": "neutral", "month": [1, 2]} | {f"created_{s}": [0.0, 1.0] for s in names})
    ax = plot_by_sector(table, "neutral", "created", Figure().add_subplot())

    assert [*SECTORS, "real estate"] == [line.get_label() for line in ax.lines if line.get_marker() != "None"]
