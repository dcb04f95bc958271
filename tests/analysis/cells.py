"""Runs laid out by cells, and tables compared."""

import pandas as pd


def same(table, expected):
    pd.testing.assert_frame_equal(table, expected, check_dtype=False, rtol=1e-9)


def runs_of_cells(cells):
    """Give runs from {(x, y): {policy: outcome by seed}}; each cell is one point."""
    return pd.DataFrame([
        {"policy": policy, "point": point, "seed": seed, "x": x, "y": y, "value": value}
        for point, ((x, y), policies) in enumerate(cells.items())
        for policy, values in policies.items()
        for seed, value in enumerate(values)
    ])  # fmt: skip
