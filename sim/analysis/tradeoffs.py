"""Trade-offs between outcomes: what cannot be bettered in one without losing in another."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.messages import InputError, near

if TYPE_CHECKING:
    import pandas as pd


def pareto(table: "pd.DataFrame", directions: Mapping[str, str]) -> Any:
    """Tell which rows no other row betters: at least as good in every column named, and better in one.

    ``directions`` says for each column whether "more" or "less" is better. Rows that tie in all of them stand or fall
    together. A row with a missing value (NaN) is never on the front, and betters no other.
    """
    if not directions:
        raise InputError("pareto: name at least one column with its direction, for example {'retention_60': 'more'}")
    for column, better in directions.items():
        if column not in table:
            raise InputError(f"pareto: there is no column '{column}'; {near(column, table.columns)}")
        if better not in ("more", "less"):
            raise InputError(f"pareto: {column}: better is 'more' or 'less', not {better!r}")
    signs = [1.0 if better == "more" else -1.0 for better in directions.values()]
    values = table[list(directions)].to_numpy(dtype=float) * signs
    front = np.asarray(~np.isnan(values).any(axis=1))
    for row in np.flatnonzero(front):
        front[row] = not ((values >= values[row]).all(axis=1) & (values > values[row]).any(axis=1)).any()
    return front
