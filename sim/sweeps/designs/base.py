"""What a design is: options, and a table with a row per point and a column per dimension."""

from typing import TYPE_CHECKING, Any, ClassVar

from sim.core.declare import Declared
from sim.core.errors import InputError
from sim.sweeps.designs.space import Space

if TYPE_CHECKING:
    import pandas as pd


class Design(Declared):
    """A way to choose points. ``needs_all_rows`` marks designs whose estimators need every row."""

    name: ClassVar[str] = ""
    needs_all_rows: ClassVar[bool] = False

    def units(self, n: int) -> Any:
        """Give rows in the unit cube of ``n`` dimensions: shape (rows, n)."""
        raise NotImplementedError

    def table(self, space: Space) -> "pd.DataFrame":
        """Give the rows, in order; the same options always give the same rows."""
        if not space.dimensions:
            raise InputError(f"design {self.name}: the space is empty; name at least one dimension under space:")
        return space.at(self.units(len(space.dimensions)))
