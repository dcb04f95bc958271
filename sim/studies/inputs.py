"""What studies that simulate take: scenario, policies, seeds, months and engine, checked once."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.config.case import anonymised
from sim.config.files import as_stated, values_in
from sim.config.plan_file import opened
from sim.config.yaml import plain
from sim.core.declare import count_as_stated
from sim.core.errors import InputError
from sim.engine.simulate import scenario_from
from sim.model.outcomes import measuring, outcomes_of, own_facts, summary_of
from sim.model.outcomes.groups import with_names_of
from sim.model.policies.base import Policy
from sim.model.policies.plan import in_months
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.replaced import own_code
from sim.model.scenario import Scenario, stated_defaults, usual_months
from sim.model.sectors import sector_names
from sim.studies.identity import Identity, check_folder, identify
from sim.sweeps.spec import months_needed

if TYPE_CHECKING:
    import pandas as pd

ScenarioLike = Scenario | str | Mapping[str, Any] | None
"""A scenario, the name of a shipped one, a YAML file's path, what such a file says, or None: the neutral reference."""

Progress = bool | Callable[[int], None] | None
"""Show a bar (None: where there is a terminal), or a function that is called with the number of runs done."""


@dataclasses.dataclass(frozen=True)
class Inputs:
    """The checked inputs of a study.

    Attributes:
        scenario: the partnership.
        specs: the policies as they were given.
        policies: the policies themselves, in the same order.
        names: their names in tables.
        seeds: one for each run of a policy.
        months: how long each run is.
        engine: ``numpy`` or ``compiled``.
        outcomes: the outcomes that were named, which the scenario measures; none where nothing was said.
    """

    scenario: Scenario
    specs: tuple[PolicyLike, ...]
    policies: tuple[Policy, ...]
    names: tuple[str, ...]
    seeds: tuple[int, ...]
    months: int
    engine: str
    outcomes: tuple[str, ...] = ()

    @property
    def added(self) -> list[str]:
        """The outcomes that the scenario names besides those that ship."""
        shipped = {o.name for o in summary_of(sector_names(self.scenario.sectors))}
        return [o.name for o in outcomes_of(self.scenario) if o.name not in shipped]

    @property
    def case(self) -> str:
        """A short name of the scenario, for folders: that of the shipped one, or else its title's letters."""
        import re

        from sim.config.files import names_in
        from sim.core.paths import CONFIGS

        for name in names_in("scenario"):
            if f"\ntitle: {self.scenario.title}\n" in (CONFIGS / "scenario" / f"{name}.yaml").read_text("utf-8"):
                return name
        return re.sub(r"\W+", "_", self.scenario.title).strip("_").lower()[:40]

    def config(self, **options: Any) -> dict[str, Any]:
        """Give the configuration as plain data: these inputs, and the options of the study itself."""
        first, n = self.seeds[0], len(self.seeds)
        consecutive = self.seeds == tuple(range(first, first + n))
        seeds: dict[str, Any] = {"seed": first, "replications": n} if consecutive else {"seeds": list(self.seeds)}
        return {
            "scenario": self.scenario.model_dump(mode="json"),
            "policies": [policy.plain() for policy in self.policies],
            "months": self.months,
            **seeds,
            "engine": self.engine,
            **({"held": names} if (names := stated_defaults(self.scenario)) else {}),
            **({"outcomes": list(self.outcomes)} if self.outcomes else {}),
            **({"own_outcomes": facts} if (facts := own_facts(self.scenario)) else {}),
            **options,
        }

    def identify(self, folder: str | Path | None = None, **options: Any) -> Identity:
        """Take the identity of the result, and refuse a ``folder`` that holds another one, before any run."""
        identity = identify(self.config(**options), *self.specs, *self.scenario.plugins)
        if folder is not None:
            check_folder(folder, identity)
        return identity


def inputs_of(
    scenario: ScenarioLike,
    policies: Sequence[PolicyLike] | PolicyLike,
    seeds: Sequence[int] | int,
    months: int | None,
    engine: str,
    anonymise: bool = False,
    outcomes: Sequence[str] | None = None,
) -> Inputs:
    """Check what a study takes.

    Args:
        scenario: a scenario, a shipped one's name, a YAML file's path, what such a file says, or None for the neutral
            reference.
        policies: names, files, mappings, policies, classes or functions; one may stand alone.
        seeds: one whole number per run, or how many runs (seeds 0, 1, ...).
        months: how long, in months; ``usual_months`` for None.
        engine: ``numpy`` or ``compiled``.
        anonymise: number the members of a roster in place of their names.
        outcomes: names of outcomes, also of groups, and files of outcomes of a user's own.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used.
    """
    from sim.engine.compiled import engine_for
    from sim.engine.simulate import check_inputs

    chosen, named = measuring(scenario_from(scenario), () if outcomes is None else outcomes)
    if outcomes is not None and not named:
        raise InputError("outcomes = []: name at least one outcome, for example outcomes=[retention_of_private]")
    if anonymise:
        with_names, chosen = chosen, anonymised(chosen)
        named = [with_names_of(name, with_names, chosen) for name in named]
    own_code(chosen)
    numbers, months, _ = check_inputs(seeds, usual_months(chosen) if months is None else months, ())
    early = next((name for name in named if months_needed(name) > months), None)
    if early is not None:
        raise InputError(f"outcomes: {early} is not known after {months} months; name another, or give more months")
    one = isinstance(policies, (str, Mapping, Policy)) or callable(policies)
    specs: tuple[Any, ...] = (policies,) if one else tuple(policies)  # type: ignore[arg-type]
    if not specs:
        raise InputError("policies = []: name at least one policy, for example policies=[neutral,adaptive]")
    specs = tuple(in_months(opened(spec), chosen.begins) for spec in specs)
    resolved = tuple(find_policy(spec) for spec in specs)
    engine_for(engine, chosen, resolved[0])
    names = tuple(label(policy) for policy in resolved)
    for name, policy in zip(names, resolved, strict=True):
        same = resolved[names.index(name)]
        if type(policy) is not type(same) or policy.plain(labelled=False) != same.plain(labelled=False):
            raise InputError(f"policies: {name} names two different policies; give each a label of its own")
    return Inputs(chosen, specs, resolved, names, tuple(numbers), months, engine, tuple(named))


def scenario_of_config(config: Mapping[str, Any]) -> Scenario:
    """Give the scenario of a configuration of results; only what was stated counts as stated."""
    scenario = Scenario.model_validate(config["scenario"])
    count_as_stated(scenario, dict(values_in(as_stated(config["scenario"], config.get("held", ())))))
    return scenario


def refuse_the_past(inputs: Inputs) -> None:
    """Refuse to compare in months of which it is known who stayed.

    Raises:
        InputError: where no month after now is simulated.
    """
    now = inputs.scenario.now
    if inputs.months <= now:
        raise InputError(
            f"months = {inputs.months}: up to month {now} (now) it is known who stays, so no policy can differ in it; "
            f"give more, for example months={usual_months(inputs.scenario)}"
        )


def refuse_unknown(summary: "pd.DataFrame", inputs: Inputs) -> None:
    """Refuse an outcome that was named and is known in none of the runs.

    Raises:
        InputError: the message says in how long runs.
    """
    for name in inputs.outcomes:
        if summary[name].isna().all():
            raise InputError(f"outcomes: {name} is known in none of these runs of {inputs.months} months; name another")


def bar_for(progress: Progress, total: int, what: str) -> Any:
    """Give what counts the runs done: a bar on a terminal, lines elsewhere, or the user's function."""
    from sim.core.progress import bar

    shown = None if progress is None or callable(progress) else progress
    counter = bar(False if callable(progress) else shown, total=total, unit=" runs", desc=what)
    if callable(progress):
        counter.update = progress
    return counter


def python_call(function: str, **arguments: Any) -> str:
    """Write a call as the manifest names it; what is not plain data is named."""
    return f"{function}({', '.join(f'{name}={_short(value)}' for name, value in arguments.items())})"


def _short(value: Any) -> str:
    if isinstance(value, Scenario):
        return f"<Scenario {value.title!r}>"
    if isinstance(value, Mapping):
        value = plain(value) if "members" not in value else {**plain(value), "members": "..."}
    if isinstance(value, Policy):
        return f"<{label(value)}>"
    if isinstance(value, (list, tuple)) and len(value) <= 20:
        return f"[{', '.join(map(_short, value))}]"
    text = f"<{value.__name__}>" if callable(value) and hasattr(value, "__name__") else repr(value)
    return text if len(text) <= 120 else f"<{type(value).__name__}>"
