"""``sim.sensitivity``: Sobol indices with intervals over wide ranges; Morris screening of all parameters."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.studies.growing import GrowingResult, default_folder, open_folder
from sim.studies.identity import identify
from sim.studies.sweep import Sweep, refuse_failed, sweep
from sim.studies.validation.region import validation_digest
from sim.sweeps.designs.space import swept
from sim.sweeps.spec import check, experiment_data

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

SHOWN = 8
"""Parameters that the text lists for each outcome."""

ROUGH = 0.15
"""Half width of an index above which the text says that ``n`` is small."""

OUTCOMES = ("retention_60", "private_value", "collective_value", "society_value")


def point_means(runs: Sweep, outcome: str) -> tuple[Any, float]:
    """Give the mean of an outcome over runs for each design row, and the share of its variance that is noise.

    Noise is what a mean over finitely many runs still varies by: the mean squared standard error over the variance
    of the means.
    """
    table = runs.sql(
        f'SELECT point, avg("{outcome}") AS m, var_samp("{outcome}") / count(*) AS e FROM runs GROUP BY point',
        threads=1,
    ).set_index("point")
    means = table["m"].loc[runs.design["point"]].to_numpy()
    return means, float(table["e"].mean() / means.var())


def sobol_indices(
    runs: Sweep, outcomes: tuple[str, ...] = OUTCOMES, seed: int = 0
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Give Sobol indices with 95 % intervals (SALib's bootstrap): one table by parameter, one by pair.

    By parameter: first-order, total, and ``interactions`` (total minus first). By pair: what two do beyond what
    each does alone. All points share the same seeds (common random numbers), so the draws move them together and blur
    the indices less than independent seeds would; the noise that is left is in the column ``noise``.
    """
    import pandas as pd
    from SALib.analyze import sobol

    names = swept(runs.design.columns)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    rows, pairs = [], []
    for outcome in outcomes:
        means, noise = point_means(runs, outcome)
        standard = (means - means.mean()) / means.std()
        s = sobol.analyze(problem, standard, seed=seed + 1, print_to_console=False)  # SALib takes 0 for no seed at all
        for j, name in enumerate(names):
            rows.append(
                {
                    "outcome": outcome,
                    "parameter": name,
                    "first": s["S1"][j],
                    "first_half": s["S1_conf"][j],
                    "total": s["ST"][j],
                    "total_half": s["ST_conf"][j],
                    "interactions": s["ST"][j] - s["S1"][j],
                    "noise": noise,
                }
            )
            for k in range(j + 1, len(names)):
                pair = {"outcome": outcome, "one": name, "other": names[k]}
                pairs.append({**pair, "second": s["S2"][j, k], "second_half": s["S2_conf"][j, k]})
    return pd.DataFrame(rows), pd.DataFrame(pairs)


def all_ranges(scenario: Scenario | None = None) -> dict[str, dict[str, float]]:
    """Give a range for every numeric parameter: half to one and a half times its value, within the declared range.

    Left out: what is 0 (shocks, entry, penalties: switched off), and what shapes arrays.

    Args:
        scenario: whose parameters; the neutral reference by default.
    """
    space = {}
    for q in parameters(scenario or Scenario()):
        if q.structural or q.default == 0 or q.kind not in ("int", "float"):
            continue
        low, high = sorted((0.5 * q.default, 1.5 * q.default))
        low = low if q.low is None else max(low, q.low)
        high = high if q.high is None else min(high, q.high)
        space[q.path] = {
            "low": round(low) if q.kind == "int" else low,
            "high": round(high) if q.kind == "int" else high,
        }
    return {path: span for path, span in space.items() if span["low"] < span["high"]}


def morris_effects(runs: Sweep, outcomes: tuple[str, ...] = OUTCOMES) -> "pd.DataFrame":
    """Give mu* (mean absolute effect) with its 95 % interval and sigma, in the outcome's own unit over the range."""
    import pandas as pd
    from SALib.analyze import morris

    space = runs.config["experiment"]["space"]
    names = list(space)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    low = np.array([float(space[n]["low"]) for n in names])
    high = np.array([float(space[n]["high"]) for n in names])
    units = (runs.design[names].to_numpy(dtype=float) - low) / (high - low)
    rows = []
    for outcome in outcomes:
        means, noise = point_means(runs, outcome)
        m = morris.analyze(problem, np.round(units * 3) / 3, means, num_levels=4, print_to_console=False, seed=0)
        for k, name in enumerate(names):
            rows.append(
                {
                    "outcome": outcome,
                    "parameter": name,
                    "mu_star": m["mu_star"][k],
                    "mu_star_half": m["mu_star_conf"][k],
                    "mu": m["mu"][k],
                    "sigma": m["sigma"][k],
                    "noise": noise,
                }
            )
    return pd.DataFrame(rows)


@dataclasses.dataclass(frozen=True, repr=False)
class Sensitivity(GrowingResult):
    """Which parameters decide.

    Its tables: ``sobol`` (a row per outcome and parameter), ``pairs`` (per outcome and pair) and ``morris`` (effects of
    all numeric parameters).
    """

    rows: tuple[int, int] = (0, 0)

    command = "sensitivity"

    @property
    def title(self) -> str:
        """A heading."""
        return "Sensitivity: which parameters decide"

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        first, second = self.rows
        return f"model {self.identity.model}; Sobol: {first:,} rows; Morris: {second:,} rows; configuration {self.key}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure ``sobol``: first-order and total indices with their intervals."""
        from sim.viz.figures.validation import sensitivity_figure

        return {"sobol": lambda: sensitivity_figure(self.tables["sobol"], self.note)}

    def text(self) -> str:
        """Give what the command prints: for each outcome the parameters and pairs that decide most."""
        sobol, pairs, morris = (self.tables[name] for name in ("sobol", "pairs", "morris"))
        lines = []
        if sobol["first_half"].max() > ROUGH:
            lines = [f"Some indices are uncertain by more than {ROUGH:g}; a larger n makes them precise."]
        row: Any
        for outcome, rows in sobol.groupby("outcome", sort=False):
            lines += ["", f"{outcome} (noise of replications: {rows['noise'].iloc[0]:.1%} of the variance)"]
            for row in rows.sort_values("total", ascending=False).head(SHOWN).itertuples():
                lines.append(
                    f"  {row.parameter:<34} alone {row.first:>6.2f} ± {row.first_half:.2f}"
                    f"   with others {row.total:>5.2f} ± {row.total_half:.2f}"
                )
            most = pairs[pairs["outcome"] == outcome].sort_values("second", ascending=False)
            precise = most[(most["second"] > most["second_half"]) & (most["second_half"] < ROUGH)]
            for row in precise.head(3).itertuples():
                lines.append(f"  together: {row.one} and {row.other} {row.second:.2f} ± {row.second_half:.2f}")
            few = morris[morris["outcome"] == outcome].sort_values("mu_star", ascending=False).head(SHOWN)
            n_all = morris["parameter"].nunique()
            lines.append(
                f"  of all {n_all}, each from half to one and a half times its default: {', '.join(few['parameter'])}"
            )
        return "\n".join(lines).lstrip("\n")


def sensitivity(
    n: int = 512,
    trajectories: int = 12,
    *,
    experiment: str | Mapping[str, Any] = "sensitivity",
    policy: PolicyLike | None = None,
    folder: str | Path | None = None,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    call: str = "sim.sensitivity(...)",
) -> Sensitivity:
    """Find which parameters decide: Sobol indices over an experiment's ranges, Morris screening of all parameters.

    Args:
        n: base samples of the Sobol design, a power of 2.
        trajectories: trajectories of the Morris design.
        experiment: the ranges: a shipped experiment, a YAML file, or a mapping; its space gives low and high.
        policy: the policy; by default the experiment's.
        folder: keeps the runs, so that an interrupted analysis continues; ``results/sensitivity-KEY`` by default.
        executor: ``serial``, ``processes`` or ``dask``, as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        call: the command or Python call, for the manifest.

    Returns:
        Tables ``sobol``, ``pairs``, ``morris``; figure ``sobol``.

    Raises:
        InputError: if something cannot be used; the message says what and what to do.
    """
    for name, value in (("n", n), ("trajectories", trajectories)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 2:
            raise InputError(f"{name}={value}: give a whole number of at least 2")
    data = experiment_data(experiment) if isinstance(experiment, str) else dict(experiment)
    data |= {"figures": {}, "design": {"name": "saltelli", "n": n, "second_order": True}}
    if policy is not None:
        data["policies"] = [policy]
    request = check("sensitivity", {**data, "executor": executor}, Path())
    (scenario,) = request.scenarios.values()
    wide: dict[str, Any] = {
        "question": "Which of all parameters matter at all?",
        **{key: data[key] for key in ("scenario", "changes", "policies", "months") if key in data},
        "space": all_ranges(scenario),
        "design": {"name": "morris", "trajectories": trajectories},
        "replications": 20,
    }
    scenarios = {name: one.model_dump(mode="json") for name, one in request.scenarios.items()}
    config = {"sobol": request.experiment.plain(), "morris": {k: v for k, v in wide.items() if k != "policies"}}
    identity = identify(
        {**config, "scenarios": scenarios, "validation": validation_digest()}, *request.experiment.policies
    )
    place = path_of(folder or default_folder("sensitivity", "", identity.key))
    open_folder(place, identity, (f"sobol-{n}", f"morris-{trajectories}", "sobol.", "pairs.", "morris."))
    first = refuse_failed(sweep(data, place / f"sobol-{n}", executor=executor, progress=progress))
    second = refuse_failed(sweep(wide, place / f"morris-{trajectories}", executor=executor, progress=progress))
    sobol, pairs = sobol_indices(first)
    tables = {"sobol": sobol, "pairs": pairs, "morris": morris_effects(second)}
    seeds = tuple(range(max(request.experiment.replications, 20)))
    sizes = (len(first.design), len(second.design))
    return Sensitivity(tables, identity, seeds, call, folder=place, rows=sizes)
