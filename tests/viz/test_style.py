"""The style of figures."""

import matplotlib as mpl
from matplotlib.text import Text

from sim.viz.style import RC


def test_a_title_with_dollars_in_it_is_drawn_as_it_stands():
    with mpl.rc_context(RC):
        assert not Text(text=r"From $5 to $\frac{10").get_parse_math()
