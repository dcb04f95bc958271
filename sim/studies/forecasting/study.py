"""``sim.forecast``: one partnership from now on, under each plan, given what has happened so far."""

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.core.errors import InputError
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.scenario import Scenario
from sim.storage.atomic import write_atomic
from sim.studies.forecasting import checks
from sim.studies.forecasting.futures import Future, branch, continued, from_now
from sim.studies.forecasting.sampler import Known, Particles, Sample, sample
from sim.studies.forecasting.tables import tables_of
from sim.studies.identity import check_folder, identify
from sim.studies.inputs import Inputs, Progress, ScenarioLike, bar_for, inputs_of, python_call
from sim.studies.result import Result
from sim.studies.validation.region import left_open, read_region, region_digest, region_facts

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.report.page import Page
    from sim.viz.save import Figure

SAMPLERS = 2
"""Independent samplers; they have to agree."""

MOST_PLANS = 12
"""Most plans: as many as a figure shows."""

IMPOSSIBLE = -600.0
"""Log-likelihood below which something cannot happen."""


@dataclasses.dataclass(frozen=True, repr=False)
class Forecast(Result):
    """A forecast of one partnership.

    Attributes:
        outlook: by plan, outcome and months ahead: mean, median and intervals (half, and nine in ten).
        chances: by plan and member: how likely it is to be there, what it captures, why it leaves.
        reasons: by plan: the share of later exits by cause.
        differences: by plan, outcome and months ahead: the mean difference to the first plan on the same draws, with
            its interval, the standard deviation of single differences, and the runs that the same draws save.
        curves: by plan and month: members there, later joiners included, with intervals.
        history: by month so far: members, and exits.
        checks: what stands beside the forecast, each with a verdict.
    """

    command: ClassVar[str] = "forecast"
    scenario: Scenario = dataclasses.field(default_factory=Scenario)

    @property
    def plans(self) -> list[str]:
        """The plans' names, in the order that was asked for."""
        return [str(name) for name in self.tables["outlook"]["plan"].unique()]

    @property
    def title(self) -> str:
        """The case, and from when on."""
        return f"{self.scenario.title}: what to expect after month {self.scenario.now}"

    @property
    def name(self) -> str:
        """The case's short name."""
        import re

        return re.sub(r"\W+", "_", self.scenario.title).strip("_").lower()[:40]

    @property
    def warnings(self) -> list[str]:
        """What speaks against relying on the forecast; empty if nothing does."""
        rows = self.tables["checks"]
        return [str(text) for text in rows.loc[rows["verdict"] == "warning", "meaning"]]

    def text(self) -> str:
        """Give what the command prints: who is likely to stay under each plan, why others leave, and the checks."""
        from sim.studies.forecasting.text import forecast_text

        return forecast_text(self)

    def page(self) -> "Page":
        """Give the page: the answer in words, what to expect under each plan, and for each member."""
        from sim.studies.report.forecast import forecast_page

        return forecast_page(self)

    def write(self, folder: Path) -> None:
        """Write the page, and what every result writes, into a folder that is there."""
        write_atomic(folder / "report.html", self.report().encode())
        super().write(folder)

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figures: the members so far and from now on, and each member's chance to stay."""
        from sim.viz.figures import forecast as figures

        return {
            "forecast": lambda: figures.forecast_figure(self.curves, self.history, self.title, self.note),
            "members": lambda: figures.members_figure(self.chances, self.title, self.note),
        }


def forecast(
    scenario: ScenarioLike,
    plans: Sequence[PolicyLike] | None = None,
    ahead: int = 36,
    policy: PolicyLike | None = None,
    particles: int = 1000,
    seed: int = 0,
    workers: int | None = None,
    anonymise: bool = False,
    folder: str | Path | None = None,
    progress: Progress = None,
    call: str | None = None,
    region_from: str | Path | None = None,
) -> Forecast:
    """Forecast a partnership from now on, given who joined and left so far.

    Args:
        scenario: a case: a scenario with a roster (``members``) and the month up to which it is known (``now``).
        plans: policies to compare, which begin in the month after now, and plans, at most 12 together;
            by default the case's ``plans``, or else the shipped policies.
        ahead: how many months, 1 to 120.
        policy: what was in force until now; by default the case's ``policy``, or else nothing (neutral).
        particles: how many partnerships the ensemble has, 100 to 20,000.
        seed: selects the draws.
        workers: processes; by default as many as there are samplers and processors.
        anonymise: number the members of a roster in place of their names, in all that is written.
        folder: save the result there too; checked before anything is run.
        progress: False to show no progress, or a function called with the share of the work done.
        call: what made the result, for the manifest; by default this call.
        region_from: a plausible region of your own, in place of the shipped one: a folder that ``calibrate`` saved, or
            a CSV such as its ``region.csv``; 256 sets are drawn by weight.

    Returns:
        The forecast: ``.text()``, ``.outlook``, ``.chances``, ``.figure("forecast")``, ``.save()``.

    Raises:
        InputError: for anything that cannot be used, and where the history is so unlike what the model makes that the
            ensemble collapses; the message says what to do.
    """
    from sim.config.files import case_options
    from sim.config.job import compose

    stated = case_options(scenario)
    so_far = policy if policy is not None else stated.get("policy", "neutral")
    chosen = plans or stated.get("plans") or compose([]).policies
    _count("ahead", ahead, 1, 120)
    inputs = inputs_of(
        scenario, chosen, range(seed, seed + _count("particles", particles, 100, 20_000)), ahead, "numpy", anonymise
    )
    _check(inputs)
    known = Known(inputs.scenario, _prior_sets(inputs.scenario, region_from), so_far)
    checks.refuse_own_exits(known)
    config = inputs.config(policy=find_policy(so_far).plain(), plausible_region=region_digest(region_from))
    config |= region_facts(region_from)
    identity = identify(config, *inputs.specs, so_far, *inputs.scenario.plugins)
    if folder is not None:
        check_folder(folder, identity)
    with bar_for(progress, 100, "forecast (% of the work)") as bar:
        samples = _samples(known, particles, seed, workers, bar.update)
        _refuse_collapse(samples, known.scenario)
        futures = _futures(known, samples, inputs, seed, ahead, bar.update)
        tables = tables_of(known, samples, futures, inputs, ahead, seed)
    shown = inputs.scenario if anonymise else scenario
    call = call or python_call("sim.forecast", scenario=shown, plans=inputs.specs, ahead=ahead, seed=seed)
    result = Forecast(tables, identity, inputs.seeds, call, scenario=inputs.scenario)
    if folder is not None:
        result.save(folder)
    return result


def _count(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{name} = {value!r}: give a whole number from {low:,} to {high:,}")
    return value


def _check(inputs: Inputs) -> None:
    """Refuse what cannot be forecast."""
    scenario = inputs.scenario
    if not scenario.members:
        raise InputError("forecast needs a case with its members: scenario=my_case.yaml, see docs/your_partnership.md")
    if scenario.now < 1:
        raise InputError(
            "now: say up to which month it is known who left (now: 14, or a date); from month 1 on use compare"
        )
    if len(inputs.policies) > MOST_PLANS:
        raise InputError(f"plans: {len(inputs.policies)} are given; at most {MOST_PLANS} fit in a figure")
    repeated = sorted({name for name in inputs.names if inputs.names.count(name) > 1})
    if repeated:
        raise InputError(f"plans: {', '.join(repeated)} is named twice; give each a label of its own")
    if not any(m.joins < scenario.now and (m.leaves or scenario.now + 1) > scenario.now for m in scenario.members):
        raise InputError(f"members: nobody is left at the end of month {scenario.now}; there is nothing to forecast")


def _prior_sets(scenario: Scenario, region_from: str | Path | None) -> "pd.DataFrame":
    """Give the parameter sets of the plausible region; what the scenario sets itself stays."""
    return left_open(scenario, read_region(region_from))


def _samples(
    known: Known, particles: int, seed: int, workers: int | None, advance: Callable[[int], None]
) -> list[Sample]:
    """Run the independent samplers, side by side where there are processors; the numbers do not depend on it."""
    from sim.core.cores import available

    jobs = [(known, -(-particles // SAMPLERS), seed * SAMPLERS + k) for k in range(SAMPLERS)]
    if min(workers or available(), SAMPLERS) < 2:
        samples = []
        for job in jobs:
            samples.append(sample(*job))
            advance(80 // SAMPLERS)
        return samples
    with ProcessPoolExecutor(SAMPLERS) as pool:
        samples = []
        for result in pool.map(_sample, jobs):
            samples.append(result)
            advance(80 // SAMPLERS)
    return samples


def _sample(job: tuple[Known, int, int]) -> Sample:
    return sample(*job)


def _refuse_collapse(samples: Sequence[Sample], scenario: Scenario) -> None:
    """Refuse a history that the model cannot make, or that hardly any of its partnerships has."""
    best = np.max([s.particles.likelihood.max(axis=1) for s in samples], axis=0)
    for member, chance in zip(scenario.members, best, strict=True):
        if chance < IMPOSSIBLE:
            what = (
                f"leave in month {member.leaves}"
                if (member.leaves or np.inf) <= scenario.now
                else f"stay until month {scenario.now}"
            )
            raise InputError(
                f"the history does not fit the model: {member.name} cannot {what} there; check its dates, or say what "
                "made it go in events:, or let members leave for reasons outside the model "
                "(rules.membership.other_rate above 0)"
            )
    distinct = checks.ancestors(samples)
    if distinct < checks.LEAST_ANCESTORS:
        raise InputError(
            f"the history does not fit the model: the ensemble collapsed to {distinct} distinct partnerships "
            f"(wanted: {checks.LEAST_ANCESTORS}). Give more particles=, or say in events: what struck it (a shock, "
            "departures, a grant that was cut), or check the roster's dates"
        )


def _futures(
    known: Known,
    samples: Sequence[Sample],
    inputs: Inputs,
    seed: int,
    ahead: int,
    advance: Callable[[int], None],
) -> dict[str, Future]:
    """Continue the ensemble under each plan."""
    particles = Particles.joined([s.particles for s in samples])
    branches = branch(known, particles, seed)
    futures = {}
    for name, plan in zip(inputs.names, inputs.policies, strict=True):
        futures[name] = continued(branches, from_now(plan, known), ahead)
        advance(20 // len(inputs.names))
    return futures
