"""``sim.trace``: why two policies differ on one seed: who stays or goes, what decides it, what differs first."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.core.errors import InputError, near
from sim.engine.tables import Tables
from sim.model.policies.base import Policy
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.studies.inputs import ScenarioLike, inputs_of, python_call
from sim.studies.result import Result
from sim.studies.trace_switch import stays_or_goes, switch_that_decides

if TYPE_CHECKING:
    from sim.viz.save import Figure

DEFAULT = ("neutral", "adaptive_tracking")
"""The two policies that are traced by default."""


@dataclasses.dataclass(frozen=True, repr=False)
class Trace(Result):
    """Two policies on one seed, from their first divergence to the outcomes.

    Attributes:
        divergence: the first month in which effort, a member, an event and an exit differ.
        fates: when and how each founder left under either policy: first those who stay to the end under one alone,
            then the largest difference first.
        chain: what differed for one member, step by step.
        switch: the last month in which a switch from the policy under which the member leaves to the other keeps it
            (if it stays to the end under one and leaves for good under the other).
        switch_chain: what differed for it between a switch in that month and one a month later.
        summary: the outcomes, a row for each policy.
        series: a row for each policy and month.
        members: a row for each policy, month and member.
        events: a row for each event.
    """

    command: ClassVar[str] = "trace"
    scenario: Scenario = dataclasses.field(default_factory=Scenario)
    runs: tuple[Tables, ...] = ()
    policies: tuple[str, ...] = ()
    member: int = 0
    side_by_side: bool = False

    @property
    def seed(self) -> int:
        """The seed that both policies meet."""
        return self.seeds[0]

    @property
    def months(self) -> int:
        """How long the runs are."""
        return int(self.config["months"])

    @property
    def title(self) -> str:
        """The scenario's title, the policies and the seed."""
        return f"{self.scenario.title}: {' and '.join(self.policies)} on seed {self.seed}"

    @property
    def name(self) -> str:
        """The policies' names and the seed."""
        return "-".join([*(policy.split()[0] for policy in self.policies), str(self.seed)])

    @property
    def note(self) -> str:
        """Scenario, seed and key: below the figure."""
        return f"{self.scenario.title}, seed {self.seed}, configuration {self.key}"

    def text(self) -> str:
        """Give what the command prints: who stays or goes, what decides it, first divergence, exits, outcomes.

        Returns:
            Lines of plain text.
        """
        from sim.studies.trace_text import trace_text

        return trace_text(self)

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the one figure, ``trace``: when founders leave under either policy, and one member's trajectories."""

        def trace() -> "Figure":
            from sim.analysis.story import exits, member_names, trajectory
            from sim.viz.figures.trace import trace_figure

            ends = [exits(run)["kind"].str.removeprefix("exit ").get(self.member, "stays") for run in self.runs]
            trajectories = [(trajectory(run, self.member), end) for run, end in zip(self.runs, ends, strict=True)]
            who = member_names(self.runs[0])[self.member], self.member
            grant = self.scenario.grant.months
            return trace_figure(self.tables["fates"], trajectories, who, self.months, grant, self.note)

        return {"trace": trace}


def trace(
    policies: Sequence[PolicyLike] = DEFAULT,
    seed: int = 0,
    member: int | str | None = None,
    scenario: ScenarioLike = "denim_alliance",
    months: int | None = None,
    engine: str = "numpy",
    folder: str | Path | None = None,
    call: str | None = None,
    anonymise: bool = False,
) -> Trace:
    """Trace why two policies differ on the same seed.

    Both runs meet the same random draws for each partner, month and decision, so every difference comes from the
    policies. The first divergence is not a proof of a cause: later everything acts on everything.

    Args:
        policies: exactly two: names, files, mappings, policies, classes or functions.
        seed: which random draws both runs meet.
        member: the number of the member to follow, or its name; by default, of the founders that stay to the end
            under one policy and leave for good under the other, the one that leaves first; else the first founder
            whose exit differs.
        scenario: a scenario, a shipped one's name, a YAML file's path, or None for the neutral reference.
        months: how long, in months; by default 60, and at least 36 after what is known of a case.
        engine: ``numpy``, or ``compiled`` (needs llvmlite).
        folder: save the result there too; checked before the runs.
        call: what made the result, for the manifest; by default this call.
        anonymise: number the members of a roster in place of their names, in all that is written.

    Returns:
        The trace: ``.divergence``, ``.fates``, ``.chain``, ``.text()``, ``.figure("trace")``.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used, or a folder that holds something else.
    """
    import pandas as pd

    from sim.engine.simulate import RECORDS, simulate

    n = 1 if isinstance(policies, (str, Mapping, Policy)) or callable(policies) else len(policies)
    if n != 2:
        raise InputError(f"policies names {n}: trace takes exactly two, for example policies=[{','.join(DEFAULT)}]")
    inputs = inputs_of(scenario, policies, [seed], months, engine, anonymise)
    member = _number_of(member, inputs.scenario)
    identity = inputs.identify(folder, member=member)

    def run(policy: Policy) -> Tables:
        return simulate(inputs.scenario, [seed], policy, inputs.months, RECORDS, engine=engine)

    one, other = inputs.policies
    runs = (run(one), run(other))
    tables: dict[str, Any] = _analyse(runs, member)
    chosen = tables.pop("member")
    if chosen in set(tables["fates"].loc[stays_or_goes(tables["fates"]), "member"]):
        tables |= switch_that_decides((one, other), runs, chosen, inputs.months, run)
    tables |= {name: pd.concat([run[name] for run in runs], ignore_index=True) for name in RECORDS}
    call = call or python_call(
        "sim.trace", policies=policies, seed=seed, member=member, scenario=inputs.scenario if anonymise else scenario
    )
    result = Trace(
        tables,
        identity,
        (seed,),
        call,
        scenario=inputs.scenario,
        runs=runs,
        policies=inputs.names,
        member=chosen,
        side_by_side=member is not None,
    )
    if folder is not None:
        result.save(folder)
    return result


def _number_of(member: int | str | None, scenario: Scenario) -> int | None:
    """Give the number of a member that is named or numbered; None for none."""
    names = [m.name for m in scenario.members]
    if isinstance(member, str) and names:
        if member not in names:
            raise InputError(f"member={member}: no member has this name; {near(member, names)}")
        return names.index(member)
    if member is not None and (isinstance(member, bool) or not isinstance(member, int) or member < 0):
        named = ", or its name" if names else ""
        raise InputError(f"member={member}: give the number of a member, from 0, for example member=12{named}")
    return member


def _analyse(runs: tuple[Tables, ...], member: int | None) -> dict[str, Any]:
    """Find the first divergence, every founder's exits, most different first, and what followed for one member."""
    from sim.analysis.divergence import chain, fates, first_divergence

    one, other = runs
    divergence, founders = first_divergence(one, other), fates(one, other)
    concerned = divergence.set_index("place")["member"]
    chosen = member if member is not None else int(concerned.get("exit", concerned.get("member", 0)))
    deciding = stays_or_goes(founders)
    keys = {"alike": ~deciding, "size": -founders["months"].abs().fillna(0)}
    ordered = founders.assign(**keys).sort_values([*keys, "member"]).drop(columns=list(keys))
    if member is None and deciding.any():
        chosen = int(ordered["member"].iloc[0])
    return {"divergence": divergence, "fates": ordered, "member": chosen, "chain": chain(one, other, chosen)}
