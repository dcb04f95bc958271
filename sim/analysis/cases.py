"""What a sweep says of one outcome: its runs, and which points or runs fail by a threshold that the user sets."""

from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError, near
from sim.sweeps.experiment import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd


def dimensions(sweep: Any) -> list[str]:
    """Name what a sweep varies besides the policy: its space, or the columns of the user's own design."""
    names = list(sweep.config["experiment"]["space"]) or list(sweep.design.columns)
    return [name for name in names if name not in ("row", "point", "policy")]


def outcome_of_runs(sweep: Any, outcome: str) -> "pd.DataFrame":
    """Give ``outcome`` and the ``dimensions`` of every run, by policy, point and seed.

    Where the policy is itself a dimension, points that differ by it alone become one, so that policies can be paired.

    Raises:
        InputError: if there is no such outcome, or no run that has it.
    """
    if outcome not in OUTCOMES:
        raise InputError(f"there is no outcome '{outcome}'; {near(outcome, OUTCOMES)}")
    if not sweep.sql("SELECT count(*) AS n FROM runs")["n"][0]:
        raise InputError(f"{sweep.folder} has no runs yet; partnership sweep folder={sweep.folder} goes on")
    runs = sweep.sql(f"SELECT policy, point, seed, {outcome} FROM runs ORDER BY policy, point, seed")
    if runs[outcome].isna().all():
        raise InputError(f"{outcome} is known in no run ({sweep.config['experiment']['months']} months were simulated)")
    names, places = dimensions(sweep), sweep.design.drop_duplicates("point").set_index("point")
    runs = runs.join(places[names], on="point")
    if "policy" in places:
        runs["point"] = runs.groupby(names, sort=False).ngroup() if names else 0
    return runs


def cases(
    runs: "pd.DataFrame", outcome: str, *, below: float | None = None, above: float | None = None, each: str = "point"
) -> "pd.DataFrame":
    """Say what fails: the outcome is below, or above, a threshold.

    ``each`` is "point", whose outcome is the mean over the worlds that have it, or "run". Adds the column ``fails``:
    1, 0 or, where the outcome is not known, NaN.
    """
    if (below is None) == (above is None):
        raise InputError("say what failing is: below=NUMBER or above=NUMBER, one of the two")
    if each == "point":
        columns = {c: "first" for c in runs.columns if c not in ("policy", "point", "seed")} | {outcome: "mean"}
        runs = runs.groupby(["policy", "point"], sort=False).agg(columns).reset_index()
    value = runs[outcome]
    fails = value < below if below is not None else value > above
    return runs.assign(fails=fails.astype(float).where(value.notna()))
