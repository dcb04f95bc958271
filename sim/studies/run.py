"""``sim.run``: one partnership, its story month by month, and one figure."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.engine.tables import Tables
from sim.model.outcomes import outcome_named
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.studies.inputs import ScenarioLike, inputs_of, python_call
from sim.studies.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

FOLDED = {
    "match outside": "matched outside",
    "match inside": "matched inside",
    "intervention": "helped",
    "representative": "new representative",
}
"""Events that the story counts by month, with the words for them; the others get a line each."""

MOST_NAMED = 120
"""Most members by name in a figure of the network."""


@dataclasses.dataclass(frozen=True, repr=False)
class Run(Result):
    """One run: a simulated partnership from its first month to its last.

    Attributes:
        summary: one row, with every outcome.
        series: a row for each month.
        members: a row for each month and member.
        events: a row for each event.
    """

    command: ClassVar[str] = "run"
    scenario: Scenario = dataclasses.field(default_factory=Scenario)
    policy: str = ""

    @property
    def title(self) -> str:
        """The scenario's title and the policy."""
        return f"{self.scenario.title}, policy {self.policy}, seed {self.seeds[0]}"

    @property
    def name(self) -> str:
        """The policy's name and the seed."""
        return f"{self.policy.split()[0]}-{self.seeds[0]}"

    @property
    def note(self) -> str:
        """Seed and key: below the figure."""
        return f"seed {self.seeds[0]}, configuration {self.key}"

    def text(self) -> str:
        """Give the story: a line for each month, and what happened in it.

        Returns:
            Lines of plain text.
        """
        text = story_text(self.scenario, self.policy, self.seeds[0], Tables(**self.tables))
        named = self.config.get("outcomes") or self.scenario.outcomes
        last = self.tables["summary"].iloc[0]
        ends = [_ended(str(name), last[name]) for name in last.index if name in named or name in self._own]
        return "\n".join([text, *ends])

    @property
    def _own(self) -> Mapping[str, Any]:
        return dict(self.config.get("own_outcomes") or {})

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the figures: ``story`` (members, value, tension, effort, network), and ``network`` with names."""

        def story() -> "Figure":
            from sim.viz.figures.comparison import run_figure

            last, ties = self._network()
            return run_figure(self.tables["series"], last, ties, title, self.scenario.grant.months, self.note)

        def network() -> "Figure":
            from sim.viz.figures.comparison import network_figure

            return network_figure(*self._network(), title, int(self.config["months"]), self.note)

        title = f"{self.scenario.title}, policy {self.policy}"
        return {"story": story, **({"network": network} if 0 < len(self.scenario.members) <= MOST_NAMED else {})}

    def _network(self) -> tuple["pd.DataFrame", "pd.DataFrame"]:
        """Give those who are or were members, as they are at the end, and who was matched with whom."""
        members, events = self.tables["members"], self.tables["events"]
        left = events.loc[events["kind"].str.startswith("exit"), "member"]
        last = members[members["month"] == members["month"].max()]
        last = last[(last["active"] > 0) | last["member"].isin(left)]
        return last, _ties(events, last)


def run(
    scenario: ScenarioLike = "denim_alliance",
    policy: PolicyLike = "adaptive_tracking",
    seed: int = 0,
    months: int | None = None,
    engine: str = "numpy",
    folder: str | Path | None = None,
    call: str | None = None,
    anonymise: bool = False,
    outcomes: Sequence[str] | None = None,
) -> Run:
    """Follow one partnership, month by month.

    Args:
        scenario: a scenario, a shipped one's name, a YAML file's path, or None for the neutral reference.
        policy: a name, a file, a mapping, a policy, its class or a function.
        seed: which random draws the run meets.
        months: how long, in months; by default 60, and at least 36 after what is known of a case.
        engine: ``numpy``, or ``compiled`` (needs llvmlite).
        folder: save the result there too; checked before the run.
        call: what made the result, for the manifest; by default this call.
        anonymise: number the members of a roster in place of their names, in all that is written.
        outcomes: outcomes to measure and to tell besides: of groups (``retention_of_private``), and files of your own.

    Returns:
        The run: ``.text()`` is its story, ``.members`` and ``.events`` its tables, ``.figure("story")`` its figure.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used, or a folder that holds something else.
    """
    from sim.engine.simulate import RECORDS, simulate

    inputs = inputs_of(scenario, policy, [seed], months, engine, anonymise, outcomes)
    identity = inputs.identify(folder)
    tables = simulate(inputs.scenario, [seed], inputs.policies[0], inputs.months, RECORDS, engine=engine)
    call = call or python_call(
        "sim.run", scenario=inputs.scenario if anonymise else scenario, policy=policy, seed=seed, months=inputs.months
    )
    named = {name: table for name in RECORDS if (table := tables[name]) is not None}
    result = Run(named, identity, (seed,), call, scenario=inputs.scenario, policy=inputs.names[0])
    if folder is not None:
        result.save(folder)
    return result


def _ended(name: str, value: float) -> str:
    """Tell one outcome that was named: what it is, its value and its unit."""
    fact = outcome_named(name)
    unit = f" {fact.unit}" if fact is not None and fact.unit != "1" else ""
    return f"  {name}: {value:.3g}{unit}" if value == value else f"  {name}: not defined in this run"


def story_text(scenario: Scenario, policy: str, seed: int, tables: Tables) -> str:
    """Give the story of one run: a line for each month, and what happened in it.

    Args:
        scenario: the partnership.
        policy: the policy's name.
        seed: the run's seed.
        tables: the run, with ``series``, ``members`` and ``events``.

    Returns:
        Lines of plain text.
    """
    return "\n".join(_story(scenario, policy, seed, tables))


def _story(scenario: Scenario, policy: str, seed: int, tables: Tables) -> Iterator[str]:
    from sim.analysis.story import describe_event, member_names

    series, events = tables.series, tables.events
    assert series is not None
    assert events is not None
    names = member_names(tables)
    yield (
        f"{scenario.title}, policy {policy}, seed {seed}: "
        f"{scenario.size.partners} partners start, on a grant of {scenario.grant.months:g} months."
    )
    yield ""
    yield "month  members      tension        created       captured  (value per founder; value of all members)"
    for month, row in series.set_index("month").iterrows():
        now = events[events["month"] == month]
        yield (
            f"{month:>4}  {row['n_members']:>3.0f} members  tension {row['tension']:.2f}"
            f"  created {row['value_created']:.2f}  captured {row['private_captured']:5.1f}  {_folded(now)}"
        ).rstrip()
        event: Any
        for event in now[~now["kind"].isin(list(FOLDED))].itertuples():
            who = f"{names[event.member]}{':' * (event.kind == 'shock')} " if event.member >= 0 else ""
            yield f"      - {who}{describe_event(event, names)}"
    last = tables.summary.iloc[0]
    yield ""
    yield (
        f"In the end {last['retention']:.0%} of the founders take part; {last['exits_satisfied']:.0f} members left"
        f" satisfied, {last['exits_frustrated']:.0f} frustrated, {last['exits_other']:.0f} for other reasons."
        f" Value for society {last['society_value']:.1f}, private value {last['private_value']:.1f} per founder,"
        f" effort {last['effort_spent']:.0f}."
    )


def _folded(events: "pd.DataFrame") -> str:
    counts = events["kind"].value_counts()
    text = ", ".join(f"{counts[kind]} {words}" for kind, words in FOLDED.items() if kind in counts)
    return f"{text}s" if counts.get("representative", 0) > 1 else text


def _ties(events: "pd.DataFrame", last: "pd.DataFrame") -> "pd.DataFrame":
    """List who was matched with whom, once a pair, among those who still take part at the end."""
    here = set(last.loc[last["active"] > 0, "member"])
    pairs = events.loc[events["kind"] == "match inside", ["member", "other"]].drop_duplicates()
    return pairs[pairs["member"].isin(here) & pairs["other"].isin(here)]
