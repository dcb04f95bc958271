"""``sim.forecast_score``: forecasts of a file of real member lists, scored beside simple baselines.

At origins every half-year, from a year after a body's window begins: how many of the members listed then are still
listed 6, 12, 24 and 36 months later? A forecast sees what the lists have shown until the origin. Baselines are fitted
to the other bodies; the model's parameter sets never saw the body itself.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.job import load_scenario
from sim.core.cores import available
from sim.core.errors import InputError, near
from sim.core.paths import CONFIGS, path_of
from sim.core.progress import bar
from sim.model.scenario import Scenario
from sim.storage.sealed import digest_of
from sim.studies.forecast_scores.baselines import NAMES, baseline_forecasts, risk_table
from sim.studies.forecast_scores.bodies import YEAR, Array, Body, read_bodies
from sim.studies.forecast_scores.conditioned import forecast, simulate_ensemble
from sim.studies.forecast_scores.scores import find_scoringrules, paired_differences, score, summarise
from sim.studies.identity import identify
from sim.studies.result import Result
from sim.studies.validation.list_spec import read_list_calibration
from sim.studies.validation.region import read_prior, read_region, region_digest
from sim.sweeps.executors.local import in_processes

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

HORIZONS = (6, 12, 24, 36)
"""Months ahead."""

FIRST_ORIGIN, APART = 12, 6
"""Months of a body's window at the first origin, and between origins."""

FEWEST = 5
"""Members below which nothing is forecast."""

LARGE = 400
"""Members from which each parameter set gets fewer runs: in a long list chance matters less."""

GROUPS: dict[str, bool | None] = {"all": None, "private": True, "other": False}
"""Of whom forecasts are made: whether they are firms."""

MODEL = "model"
SOURCES = ("region", "prior")
"""Where the model's parameter sets may come from."""

REGION = "lists"
"""The calibration whose parameter sets the model runs on."""


@dataclasses.dataclass(frozen=True, repr=False)
class ForecastScore(Result):
    """Scores of forecasts.

    Its tables: ``scores`` (a row per body, origin, horizon, group of members and forecast), ``means`` (over
    bodies, by forecast and horizon), ``by_body`` (mean CRPS of each body) and ``paired`` (the model against each
    baseline, paired by body), the last three of all members together.
    """

    label: str = ""

    command = "forecast-score"

    @property
    def title(self) -> str:
        """A heading."""
        return "Forecasts of who is still listed, scored on real member lists"

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.label

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        scores = self.tables["scores"]
        places = scores[["body", "origin"]].drop_duplicates()
        counts = f"{places['body'].nunique()} bodies, {len(places)} origins"
        return f"{counts}; model over the {self.config['of']}; configuration {self.key}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figures: ``crps`` by forecast and horizon, and ``coverage`` beside sharpness."""
        from sim.viz.figures.forecast_scores import coverage_figure, crps_figure

        return {
            "crps": lambda: crps_figure(self.tables["means"], self.note),
            "coverage": lambda: coverage_figure(self.tables["means"], self.note),
        }

    def text(self) -> str:
        """Give what the command prints: the table, and whether the model is better than the baselines."""
        from sim.studies.forecast_scores.text import text_of

        return text_of(self)


def forecast_score(
    spells: str | Path,
    *,
    drop: Sequence[str] = (),
    hold_out: Sequence[str] = (),
    of: str = "region",
    replications: int = 4,
    workers: int | None = None,
    progress: bool | None = None,
    call: str = "sim.forecast_score(...)",
) -> ForecastScore:
    """Score forecasts of real member lists, those of the model and of simple baselines.

    Args:
        spells: a CSV file of membership spells; ``docs/forecast_scores.md`` says its columns.
        drop: bodies that are not used at all, for example because a list was cleaned up in bulk.
        hold_out: bodies that are forecast, and that no forecast of another body learns from.
        of: which parameter sets the model runs on: ``region`` (calibrated; without the body itself if it is one of the
            calibrated lists), or ``prior`` (before any calibration: nothing was learnt from any list).
        replications: runs of each parameter set at each origin; fewer for lists of hundreds.
        workers: processes; as many as there are cores by default, 1 for none beside this one.
        progress: False for nothing.
        call: the command or Python call, for the manifest.

    Returns:
        Tables ``scores``, ``means``, ``by_body``, ``paired``; figures ``crps``, ``coverage``.

    Raises:
        InputError: if something cannot be used.
    """
    import pandas as pd

    find_scoringrules()  # before anything is simulated
    if isinstance(replications, bool) or not isinstance(replications, int) or not 1 <= replications <= 1000:
        raise InputError(f"replications={replications}: give a whole number from 1 to 1000")
    if of not in SOURCES:
        raise InputError(f"of={of}: give {' or '.join(SOURCES)}")
    bodies = read_bodies(spells)
    drop, hold_out = (_known(name, names, bodies) for name, names in (("drop", drop), ("hold_out", hold_out)))
    used = {name: body for name, body in bodies.items() if name not in drop}
    identity = identify({
        "spells": digest_of(path_of(spells)), "drop": drop, "hold_out": hold_out, "replications": replications,
        "of": of, "region": region_digest(), "left_out": digest_of(LEFT_OUT),
    })  # fmt: skip
    tasks = _tasks(used, hold_out, of, replications)
    rows = []
    with bar(progress, total=len(tasks), unit=" origins", desc="forecast-score") as shown:
        for part in in_processes(forecast_origin, tasks, workers or available(), "sim.forecast_score"):
            rows += [{**about, **score(p, about["stayed"])} for about, p in part]
            shown.update(1)
    if not rows:
        raise InputError(
            f"{spells}: nothing can be forecast; a body needs {FEWEST} members listed a year after its window begins, "
            "half a year of window after that, and another body whose window has begun by then"
        )
    scores = pd.DataFrame(rows)
    every = scores[scores["group"] == "all"]
    if every.empty:
        raise InputError(f"{spells}: nothing can be forecast; no body has {FEWEST} members at an origin")
    by_body = every.groupby(["body", "horizon", "forecast"], sort=False)["crps"].mean().unstack().reset_index()
    tables = {
        "means": summarise(every),
        "paired": paired_differences(every, MODEL, tuple(NAMES)),
        "by_body": by_body[["body", "horizon", *NAMES, MODEL]],
        "scores": scores,
    }
    return ForecastScore(tables, identity, (), call, label=Path(spells).stem)


LEFT_OUT = CONFIGS / "calibration" / f"{REGION}_left_out.csv"
"""Parameter sets calibrated without one list each, in the column ``without``."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One origin of one body, and what forecasts of it may learn from."""

    body: Body
    origin: int
    horizons: tuple[int, ...]
    others: "pd.DataFrame"
    own: "pd.DataFrame"
    scenario: Scenario
    sets: Mapping[str, Array]
    replications: int


def _tasks(bodies: Mapping[str, Body], hold_out: Sequence[str], of: str, replications: int) -> list[Task]:
    """List all origins, those with the most to simulate first."""
    import pandas as pd

    risk = risk_table(list(bodies.values()))
    spec, left_out = read_list_calibration(REGION), pd.read_csv(LEFT_OUT)
    everywhere = read_region() if of == "region" else read_prior(len(read_region()), REGION)[[*spec.space]]
    scenario = load_scenario(spec.scenario)
    tasks = []
    for name, body in bodies.items():
        without = left_out[left_out["without"] == name].drop(columns="without")
        chosen = everywhere if without.empty or of != "region" else without
        sets = {str(path): chosen[path].to_numpy(dtype=float) for path in chosen}
        learns = bool(set(bodies) - {name, *hold_out})
        for origin in range(body.start + FIRST_ORIGIN, body.end - min(HORIZONS) + 1, APART):
            before = risk[risk["t"] < origin]
            others = before[~before["body"].isin({name, *hold_out})]
            if (others.empty and learns) or body.listed(origin).sum() < FEWEST:
                continue
            horizons = tuple(h for h in HORIZONS if origin + h <= body.end)
            own = before[before["body"] == name]
            rules = scenario.replace(**spec.changes.get(name, {}))
            tasks.append(Task(body, origin, horizons, others, own, rules, sets, replications))
    return sorted(
        tasks, key=lambda task: -int((task.body.first <= task.origin).sum()) * (task.origin - task.body.start)
    )


def forecast_origin(task: Task) -> list[tuple[dict[str, Any], Array]]:
    """Make all forecasts of one origin: what each is of, with its probabilities of 0 to all members."""
    body, origin = task.body, task.origin
    replications = max(1, round(task.replications * min(1.0, LARGE / int((body.first <= origin).sum()))))
    simulated = simulate_ensemble(body, origin, max(task.horizons), task.scenario, task.sets, replications)
    result: list[tuple[dict[str, Any], Array]] = []
    for group, private in GROUPS.items():
        of_group = np.full(len(body.sector), True) if private is None else body.private == private
        members = body.only(of_group & body.listed(origin))
        others, own = (
            cells if private is None else cells[cells["private"] == private] for cells in (task.others, task.own)
        )
        if len(members.sector) < FEWEST:
            continue
        made = dict(baseline_forecasts(others, own, members, origin, task.horizons))
        made |= {(MODEL, h): p for h, p in forecast(simulated, body, origin, task.horizons, private).items()}
        for (name, h), p in made.items():
            about = {
                "body": body.name, "origin": f"{origin // YEAR}-{origin % YEAR + 1:02d}", "horizon": h, "group": group,
                "forecast": name, "members": len(members.sector), "stayed": int((members.gone > origin + h).sum()),
            }  # fmt: skip
            result.append((about, p))
    return result


def _known(option: str, names: Sequence[str], bodies: Mapping[str, Body]) -> tuple[str, ...]:
    """Check the names of bodies."""
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in bodies:
            raise InputError(f"{option}={name}: the file has no such body; {near(name, list(bodies))}")
    return names
