"""``sim.calibrate("lists")``: which parameter sets agree with real membership lists; history matching with emulators.

Two dozen parameters are free and a parameter set costs a run of every list: too many for one wide sample. So each wave
fits an emulator to all runs so far (quadratic regression of every number of every fact), samples the parameter sets
that it finds likely (emcee's ensemble sampler; Foreman-Mackey et al. 2013), and runs those (Craig et al. 1997;
Andrianakis et al. 2015). The last sample is run again, several times a set, and weighed by how well those runs agree.
A fact may lie off by chance in the real list, by chance in the run, and by what the model leaves out (``allowed``).
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.job import load_scenario
from sim.core.cores import available
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.core.progress import bar
from sim.model.scenario import Scenario, value_at
from sim.storage.atomic import write_atomic
from sim.storage.results import read_table, table_bytes
from sim.storage.sealed import digest, digest_of
from sim.studies.growing import GrowingResult, default_folder, open_folder
from sim.studies.identity import identify
from sim.studies.validation.emulation import WALKERS, Emulator, Facts, find_emcee, quantiles
from sim.studies.validation.list_forecasts import by_sector_hazards, crps, with_usual_entries
from sim.studies.validation.list_runs import Runs, Task, as_table, from_table, simulate_sets
from sim.studies.validation.list_spec import ListSpec, read_list_calibration, with_options
from sim.studies.validation.lists import HORIZONS, LARGE, TENURES, Array, MemberList, facts_of
from sim.studies.validation.region import FEW, equally_likely, validation_digest
from sim.sweeps.designs.sampled import Sobol
from sim.sweeps.designs.space import Space, space_of
from sim.sweeps.executors.local import in_processes

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

AT_ONCE = 32
"""Parameter sets that a worker simulates together."""

LOGARITHMS = ("hazard", "level", "clustering", "sector_ratio")
"""How the names of facts begin that are compared in logarithms."""

NEARLY_NONE = 1e-5
"""Least number of which a logarithm is taken."""

LEFT_OUT = (
    *("list", "founders", "months", "real", "q05", "median", "q95", "inside", "curve_inside", "crps"),
    "sector_hazards",
)
"""Columns of the table of lists predicted from the others."""

OWN_RUNS = 32
"""Runs of the scenario's own values."""

SEED_OF_OWN = 7_000_000
"""Their first seed."""

SEED_OF_A_WAVE = 10_000_000
"""Seeds of a wave begin at this times its number plus one."""


@dataclasses.dataclass(frozen=True, repr=False)
class ListCalibration(GrowingResult):
    """The region that real lists leave.

    Its tables: ``facts`` (a row per number of a fact: the real one, and the region's weighted quantiles), ``ranges`` (a
    row per free parameter: prior, and weighted quantiles), ``sample`` (parameter sets drawn by weight, to sweep over),
    ``region`` (all of the last sample, with ``weight`` and ``misfit``), and ``left_out`` (each list predicted from the
    others).
    """

    spec: ListSpec = dataclasses.field(default_factory=ListSpec.model_construct)
    label: str = ""
    n_sets: int = 0
    own_misfit: float = np.nan

    command = "calibrate"

    @property
    def title(self) -> str:
        """A heading."""
        return "Calibration: parameter sets that agree with real membership lists"

    @property
    def name(self) -> str:
        """The name of the calibration."""
        return self.label

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        weight = self.tables["region"]["weight"].to_numpy()
        size = f"{1.0 / (weight**2).sum():.0f} effective"
        return f"{len(weight)} parameter sets ({size}) after {self.n_sets} runs of every list; configuration {self.key}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figures: ``lists``, real curves with the region's bands, and ``left_out``."""
        from sim.viz.figures.lists import left_out_figure, lists_figure

        drawings: dict[str, Callable[[], Figure]] = {"lists": lambda: lists_figure(self.tables["facts"], self.note)}
        if not self.tables["left_out"].empty:
            drawings["left_out"] = lambda: left_out_figure(self.tables["left_out"], self.note)
        return drawings

    def text(self) -> str:
        """Give what the command prints: what is left of the prior, the facts, and how well lists are foretold."""
        facts, left_out, region = self.tables["facts"], self.tables["left_out"], self.tables["region"]
        lines, effective = [f"{self.note}."], 1.0 / (region["weight"] ** 2).sum()
        if effective < FEW:
            lines.append(
                f"Only some {effective:.0f} of them count: too few to use. More points=, waves= or final= help."
            )
        worse = float(region.loc[region["misfit"] > self.own_misfit, "weight"].sum())
        lines += [
            f"The scenario's own values: misfit {self.own_misfit:.1f}; {100 * worse:.0f} % of the region (by weight) "
            "lies further from the facts.",
        ]
        lines += ["", f"{'':36}{'prior':>18}{'left: 5 %':>12}{'median':>10}{'95 %':>10}"]
        row: Any
        for row in self.tables["ranges"].itertuples():
            if row.name == next(iter(self.spec.unseen), None):
                lines.append("what these lists cannot tell, in all of its range:")
            span = f"{row.low:>9g} to {row.high:<5g}"
            lines.append(f"{row.name:<36}{span}{row.q05:>12.3g}{row.median:>10.3g}{row.q95:>10.3g}")
        if self.spec.without_timing:
            lines += ["", f"Clustering and hazard by tenure are left out: {self.spec.without_timing}."]
        known: dict[str, Any] = {**self.spec.facts, **self.spec.partnerships}
        lines += ["", *(f"{name}: {fact.doc}" for name, fact in known.items() if fact.doc)]
        lines += ["", f"{'fact':22}{'month':>6}{'real':>10}{'5 %':>10}{'median':>10}{'95 %':>10}{'own':>10}"]
        for row in facts.itertuples():
            mark = ("" if row.fitted else "  not fitted") + ("" if row.q05 <= row.real <= row.q95 else "  outside")
            lines.append(
                f"{row.fact:22}{row.at:>6g}{row.real:>10.3g}{row.q05:>10.3g}{row.median:>10.3g}{row.q95:>10.3g}"
                f"{row.own:>10.3g}{mark}"
            )
        if left_out.empty:
            return "\n".join(lines)
        curves = left_out.groupby("list")["curve_inside"].all()
        scores = left_out[left_out["months"] <= 36].groupby("list")[["crps", "sector_hazards"]].mean().mean()
        lines += [
            "",
            "Each list from the others: the curve of founders lies inside the band of 90 % of whole curves for "
            f"{curves.sum()} of {len(curves)},",
            f"and {100 * left_out['inside'].mean():.0f} % of its points inside the 90 % band of their month;",
            f"mean CRPS over 36 months {scores['crps']:.4f} "
            f"(pooled sector hazards with gamma spread: {scores['sector_hazards']:.4f}).",
        ]
        return "\n".join(lines)


def calibrate_on_lists(
    calibration: str | Mapping[str, Any] = "lists",
    *,
    folder: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    call: str = "sim.calibrate(...)",
    **changes: Any,
) -> ListCalibration:
    """Find the parameter sets that agree with real membership lists.

    Args:
        calibration: a shipped one's name, a YAML file, or what such a file says, as a mapping.
        folder: keeps the runs, so that an interrupted calibration continues; ``results/calibrate-NAME-KEY`` by default.
        workers: processes; as many as there are cores by default, 1 for none beside this one.
        progress: False for nothing.
        call: the command or Python call, for the manifest.
        **changes: other options of the calibration, for example ``points=256``.

    Returns:
        Tables ``facts``, ``ranges``, ``sample``, ``region``, ``left_out``; figures ``lists``, ``left_out``.

    Raises:
        InputError: if something cannot be used.
    """
    spec = read_list_calibration(with_options(calibration, changes))
    find_emcee()  # before anything is simulated
    label = Path(calibration).stem if isinstance(calibration, str) else ""
    scenario = load_scenario(spec.scenario)
    if scenario.members or scenario.events:
        raise InputError(
            f"calibration: scenario={spec.scenario} has members or events of its own; those of the lists are taken: "
            "give a scenario with the rules alone"
        )
    config: dict[str, Any] = {
        "calibration": spec.model_dump(mode="json"),
        "scenario": scenario.model_dump(mode="json"),
        "validation": validation_digest(),
        "lists": digest_of(spec.table),
    }
    identity = identify(config)
    place = path_of(folder or default_folder("calibrate", label, identity.key))
    open_folder(place, identity, ("wave", "facts", "ranges", "sample", "region", "left_out", "lists"))
    study = _Study(spec, scenario, place, workers or available(), progress)
    region, runs = study.region()
    own = study.own()
    tables = {
        "facts": study.fact_table(runs, region["weight"].to_numpy(), own),
        "ranges": _ranges(region, study.space, study.unseen),
        "sample": _sample(region, spec, study.unseen),
        "region": region,
        "left_out": study.left_out(),
    }
    misfit = float(study.facts().misfits(study.numbers(own).mean(axis=0, keepdims=True))[0])
    more: dict[str, Any] = {"spec": spec, "label": label, "n_sets": study.n_sets, "own_misfit": misfit}
    return ListCalibration(tables, identity, tuple(range(spec.replications)), call, folder=place, **more)


class _Study:
    """The waves of one calibration, kept in its folder."""

    def __init__(self, spec: ListSpec, scenario: Scenario, folder: Path, workers: int, progress: bool | None) -> None:
        self.spec, self.scenario, self.folder, self.workers = spec, scenario, folder, workers
        self.lists = {name: spec.member_lists[name] for name in spec.lists}
        self.space, self.unseen = space_of(spec.space, scenario), space_of(spec.unseen, scenario)
        known = {name: np.array([fact.target]) for name, fact in spec.partnerships.items()}
        self.real = Runs({name: real.facts() for name, real in self.lists.items()}, known)
        self.others = {n: (load_scenario(f.scenario).replace(**f.changes), f) for n, f in spec.partnerships.items()}
        self.n_sets = 0
        self.all_units: Array = np.empty((0, len(self.space.dimensions)))
        self.all_runs: Runs | None = None
        total = spec.points + spec.waves * spec.points_per_wave + spec.final * spec.replications
        self.bar = bar(progress, total=total, unit=" parameter sets", desc="calibrate")

    def region(self) -> tuple["pd.DataFrame", "Runs"]:
        """Run all waves; gives the last sample with its weights, and what its runs gave (a set's side by side)."""
        spec = self.spec
        with self.bar:
            units = Sobol(n=spec.points).units(len(self.space.dimensions))
            self._add(units, self._run(units, 0))
            for wave in range(1, spec.waves + 1):
                units = self._likely(spec.points_per_wave, wave)
                self._add(units, self._run(units, wave))
            units = self._likely(spec.final, spec.waves + 1)
            runs = self._run(np.repeat(units, spec.replications, axis=0), spec.waves + 1)
        mean = self.numbers(runs).reshape(len(units), spec.replications, -1).mean(axis=1)
        missed = self._emulator().missed(units, mean)
        weight = np.exp(-0.5 * (missed - missed.min()))
        region = self.space.at(units)
        if self.unseen.dimensions:
            region = region.join(self.unseen.at(Sobol(n=len(units), seed=1).units(len(self.unseen.dimensions))))
        region["weight"], region["misfit"] = weight / weight.sum(), self.facts().misfits(mean)
        return region, runs

    def _add(self, units: Array, runs: Runs) -> None:
        self.all_units = np.concatenate([self.all_units, units])
        self.all_runs = runs if self.all_runs is None else Runs.joined([self.all_runs, runs])

    def _run(self, units: Array, wave: int) -> Runs:
        """Simulate every list once for each row, or read what an earlier attempt has done."""
        chunks = [(a, units[a : a + AT_ONCE]) for a in range(0, len(units), AT_ONCE)]
        done = {a: self._saved(f"wave{wave}-{a:06d}-") for a, _ in chunks}
        left = [(a, chunk) for a, chunk in chunks if done[a] is None]
        tasks = [self._task(self.lists, chunk, SEED_OF_A_WAVE * (wave + 1) + a) for a, chunk in left]
        for (a, _), runs in zip(left, self._simulated(tasks), strict=True):
            content = table_bytes(as_table(runs))
            file = self.folder / f"wave{wave}-{a:06d}-{digest(content)}.parquet"
            write_atomic(file, content)
            done[a] = file
            self.bar.update(AT_ONCE)
        self.n_sets += len(units)
        tables = [read_table(file) for file in done.values() if file is not None]
        return Runs.joined([from_table(table, list(self.lists), list(self.others)) for table in tables])

    def _saved(self, start: str) -> Path | None:
        """Find the runs that an earlier attempt has saved; their digest is in the name of their file.

        Raises:
            InputError: if they have changed since.
        """
        for file in sorted(self.folder.glob(f"{start}*.parquet")):
            if file.stem.rpartition("-")[2] != digest_of(file):
                raise InputError(f"{file}: is damaged; remove it, and the same command makes it again")
            return file
        return None

    def _task(self, lists: Mapping[str, MemberList], units: Array, seed: int) -> Task:
        return Task(lists, self.scenario, self.spec.changes, self.others, self.space.at(units), seed)

    def _simulated(self, tasks: list[Task]) -> Iterator[Runs]:
        yield from in_processes(simulate_sets, tasks, self.workers, "sim.calibrate")

    # Facts as one row of numbers

    def numbers(self, runs: Runs) -> Array:
        """Lay the chosen facts of these lists and partnerships out; shape (runs, numbers)."""
        facts = facts_of(runs.counts)
        of_lists = [facts[name] for name in self.spec.facts if name in facts]
        others = [self._compared(name, runs)[None] for name in self.spec.partnerships]
        return np.concatenate([*of_lists, *others]).T

    def _compared(self, name: str, runs: Runs) -> Array:
        values = runs.partnerships[name]
        return np.log(np.maximum(values, NEARLY_NONE)) if self.spec.partnerships[name].log else values

    def labels(self, runs: Runs, names: Iterable[str] | None = None) -> list[tuple[str, float, int]]:
        """Name each number: its fact, the month or class that it is of, and its place within the fact."""
        facts = facts_of(runs.counts)

        def ats(name: str) -> list[float]:
            of_tenure, over_time = name.startswith("hazard"), name.startswith(("survival", "founders"))
            edges = TENURES[:-1] if of_tenure else HORIZONS if over_time else (0,)
            return [float(at) for at in edges[: len(facts[name])]]

        chosen = [*self.spec.facts, *self.spec.partnerships] if names is None else [*names]
        listed = [(name, at, k) for name in chosen if name in facts for k, at in enumerate(ats(name))]
        return [*listed, *((name, 0.0, 0) for name in chosen if name in self.spec.partnerships)]

    def _chance(self, real: Runs) -> Array:
        """Give the variance by chance of each real number: 1/exits for the logarithm of a hazard, else 0."""
        result = []
        for fact, _, k in self.labels(real):
            lists = [c for n, c in real.counts.items() if fact == ("hazard" if n not in LARGE else f"hazard_{n}")]
            result.append(1.0 / (sum(float(c.exits[:, k].sum()) for c in lists) + 0.5) if lists else 0.0)
        return np.array(result)

    def facts(self, without: str | None = None) -> Facts:
        """Give the real numbers and how far each may lie off, of all lists or without one."""
        real = self.real.without(without)
        known: dict[str, Any] = {**self.spec.facts, **self.spec.partnerships}
        labels = self.labels(real)
        order = list(dict.fromkeys(fact for fact, _, _ in labels))
        allowed = np.array([known[fact].allowed for fact, _, _ in labels])
        return Facts(
            self.numbers(real)[0],
            allowed**2 + self._chance(real),
            np.array([order.index(fact) for fact, _, _ in labels], dtype=np.int64),
        )

    def _emulator(self, without: str | None = None) -> Emulator:
        return Emulator.fitted(self.all_units, self._numbers_so_far(without), self.facts(without))

    def _numbers_so_far(self, without: str | None) -> Array:
        assert self.all_runs is not None
        return self.numbers(self.all_runs.without(without))

    def _likely(self, n: int, wave: int, without: str | None = None) -> Array:
        """Sample parameter sets that the runs so far make likely."""
        misfits = self.facts(without).misfits(self._numbers_so_far(without))
        nearest = np.argsort(misfits, kind="stable")[:WALKERS]
        return self._emulator(without).likely(n, self.all_units[nearest], 1000 + wave)

    def own(self) -> Runs:
        """Run the scenario's own values as often as a set of the region."""
        import pandas as pd

        paths = [str(d.name) for d in self.space.dimensions]
        rows = pd.DataFrame({path: [value_at(self.scenario, path)] * OWN_RUNS for path in paths})
        return simulate_sets(Task(self.lists, self.scenario, self.spec.changes, self.others, rows, SEED_OF_OWN))

    def fact_table(self, runs: Runs, weight: Array, own: Runs) -> "pd.DataFrame":
        """Compare every number of the facts, and of those not fitted, with the region's quantiles of single runs.

        ``own`` is the mean over runs of the scenario's own values.
        """
        import pandas as pd

        every = np.repeat(weight / self.spec.replications, self.spec.replications)
        known, real, allowed = facts_of(runs.counts), facts_of(self.real.counts), iter(self.facts().variance ** 0.5)
        of_own = facts_of(own.counts)
        rows = []
        for fact, at, k in self.labels(runs, (*self.spec.facts, *self.spec.partnerships, *self.spec.tests)):
            if fact in self.spec.partnerships:
                in_logs, fitted = self.spec.partnerships[fact].log, True
                values, truth = self._compared(fact, runs), float(self._compared(fact, self.real)[0])
                mean = float(np.mean(self._compared(fact, own)))
            else:
                in_logs, fitted = fact.startswith(LOGARITHMS), fact in self.spec.facts
                values, truth, mean = known[fact][k], float(real[fact][k, 0]), float(np.mean(of_own[fact][k]))
            numbers = [truth, *quantiles(values, every), mean]
            truth, q05, median, q95, mean = np.exp(numbers) if in_logs else numbers
            rows.append({"fact": fact, "at": at, "real": truth, "q05": q05, "median": median, "q95": q95, "own": mean,
                         "fitted": fitted, "allowed": next(allowed) if fitted else np.nan,
                         "allowed_in": "log" if in_logs else "same"})  # fmt: skip
        return pd.DataFrame(rows)

    def left_out(self) -> "pd.DataFrame":
        """Predict the founders of each list from its size, sectors and fees, calibrated on the others alone."""
        import pandas as pd

        if len(self.lists) < 2:
            return pd.DataFrame(columns=list(LEFT_OUT))
        rows: list[dict[str, Any]] = []
        for number, (name, real) in enumerate(self.lists.items()):
            units = np.repeat(self._likely(self.spec.sample_size, 100 + number, name), self.spec.replications, axis=0)
            lists = {name: with_usual_entries(real, [self.lists[o] for o in self.lists if o != name], number)}
            seed = SEED_OF_A_WAVE * (101 + number)
            task = dataclasses.replace(self._task(lists, units, seed), others={})
            counts, known = simulate_sets(task).counts[name], self.real.counts
            truth, others = known[name], [known[o] for o in self.lists if o != name]
            seen = [(h, months) for h, months in enumerate(HORIZONS) if months <= real.months]
            curves = np.stack([counts.stayed[h] / np.maximum(counts.founders, 1.0) for h, _ in seen])
            curve = np.array([truth.stayed[h, 0] / truth.founders[0] for h, _ in seen])
            together = within_band_of_curves(curves, curve)
            for (_, months), shares, share in zip(seen, curves, curve.tolist(), strict=True):
                low, median, high = np.quantile(shares, [0.05, 0.5, 0.95])
                inside = bool(low - 1e-9 <= share <= high + 1e-9)
                bar_to_beat = crps(by_sector_hazards(real, others, months), share)
                rows.append({
                    "list": name, "founders": real.size, "months": months, "real": share, "q05": low, "median": median,
                    "q95": high, "inside": inside, "curve_inside": together, "crps": crps(shares, share),
                    "sector_hazards": bar_to_beat,
                })  # fmt: skip
        return pd.DataFrame(rows)


def within_band_of_curves(curves: Array, curve: Array, share: float = 0.9) -> bool:
    """Tell whether a curve lies within the band that holds so many of the simulated curves as a whole.

    At each point a curve's depth is its distance in ranks from the nearer end; it is as deep as its shallowest point.

    Args:
        curves: simulated; shape (points, runs).
        curve: the real one; shape (points,).
        share: of the simulated curves that the band holds.
    """
    both = np.column_stack([curves, curve])
    pairs = list(zip(curves, both, strict=True))
    below = np.array([(simulated[:, None] < line[None]).mean(axis=0) for simulated, line in pairs])
    above = np.array([(simulated[:, None] > line[None]).mean(axis=0) for simulated, line in pairs])
    shallowest = np.minimum(1.0 - below, 1.0 - above).min(axis=0)
    return bool(shallowest[-1] >= np.quantile(shallowest[:-1], 1.0 - share) - 1e-12)


def _ranges(region: "pd.DataFrame", space: Space, unseen: Space) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for d in (*space.dimensions, *unseen.dimensions):
        q05, median, q95 = quantiles(region[d.name].to_numpy(), region["weight"].to_numpy())
        rows.append({"name": d.name, "low": d.low, "high": d.high, "q05": q05, "median": median, "q95": q95})
    return pd.DataFrame(rows)


def _sample(region: "pd.DataFrame", spec: ListSpec, unseen: Space) -> "pd.DataFrame":
    """Draw parameter sets by weight; one that comes again has other values of what the lists cannot tell."""
    n = min(spec.sample_size, len(region))
    chosen = equally_likely(region.drop(columns="misfit"), n)
    return chosen.assign(**unseen.at(Sobol(n=n, seed=2).units(len(unseen.dimensions)))) if unseen.dimensions else chosen
