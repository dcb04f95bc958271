"""A user's own design: a table with a column per dimension and a row per point."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.user_tables import UserTable, read_user_table, refuse_twice, user_table
from sim.core.declare import param
from sim.storage.folders import verified
from sim.sweeps.designs.base import Design
from sim.sweeps.designs.space import Space

if TYPE_CHECKING:
    import pandas as pd


class FromFile(Design):
    """The rows of a CSV file; its header names parameters by dotted paths, or scenario, policy, policy.PARAMETER."""

    name = "file"
    path: str = param("design.csv", unit="", source="configuration", doc="The CSV file")
    columns: dict[str, list[Any]] = param(
        {}, unit="", source="configuration", doc="The table itself, instead of a file"
    )

    @property
    def where(self) -> str:
        """How messages name it."""
        return "design" if self.columns else f"design.path={self.path}"

    def read(self) -> UserTable:
        """Read the table.

        Raises:
            InputError: if it cannot be used; the message says what was found.
        """
        if self.columns:
            return user_table(self.columns, self.where)
        return read_user_table(self.path, self.where, check=verified)

    def table(self, space: Space) -> "pd.DataFrame":
        """Give the rows; the space is what the header says (see ``space``)."""
        import pandas as pd

        read = self.read()
        refuse_twice(read, self.where)
        columns = {d.name: read.columns[d.name] for d in space.dimensions}
        return pd.DataFrame({name: _array(values) for name, values in columns.items()})

    def space(self) -> dict[str, list[Any]]:
        """Give the columns with their distinct values, as a space is given elsewhere."""
        return {name: list(dict.fromkeys(values)) for name, values in self.read().columns.items()}


def _array(values: Any) -> Any:
    number = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    return np.array(values, dtype=float if number else object)
