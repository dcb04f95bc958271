"""Write ``docs/second_version.md`` and its figures: ``python docs/write_second_version.py`` (some minutes).

With names of sections (findings, difference, sectors, departures, doses) only those are printed, and nothing is written.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt

import sim
from sim.core.intervals import mean_interval
from sim.storage.digests import model_version
from sim.viz.save import save_figure
from sim.viz.style import RC, SOFT

HERE = Path(__file__).resolve().parent
FIRST, NOW = sim.load_scenario("first_version"), sim.load_scenario("neutral")
AS_THEN = {"adaptive_tracking": {"name": "adaptive_tracking", "enough": 1000.0, "expected_effect": 0.0},
           "connecting": {"name": "connecting", "enough": 1000.0}}  # fmt: skip
RUNS = 200
SECTORS = ("public", "private", "academic", "nonprofit")


def mean(
    scenario: Any, outcome: str, policy: Any = "neutral", runs: int = RUNS, months: int = 60, **changes: Any
) -> float:
    """Average an outcome over runs."""
    scenario = scenario.replace(**{k.replace("__", "."): v for k, v in changes.items()})
    return float(sim.simulate(scenario, runs, policy, months, record=("summary",)).summary[outcome].mean())


def best_at(scenario: Any, path: str, levels: Sequence[float], outcome: str) -> float:
    """Say at which level of a parameter an outcome is highest."""
    return levels[int(np.argmax([mean(scenario, outcome, **{path.replace(".", "__"): v}) for v in levels]))]


# 1. Twelve findings


def stayers_lost(scenario: Any) -> tuple[float, float]:
    """Survival to month 48 of those who stay when 40 % leave at month 24: with that shock, and the same without it."""
    table = departures_of(scenario, "neutral", {"shocks.departures.month": 24, "shocks.departures.share": 0.4}, 24)
    return float(table["stay"].mean()), float(table["stay_without"].mean())


def departures_of(
    scenario: Any, policy: Any, shock: dict[str, Any], month: int, columns: Any = None, runs: int = RUNS
) -> pd.DataFrame:
    """Compare who is left after a shock with the same members in the same run without it; a row per run."""
    with_, without = (
        sim.simulate(s, runs, policy, 60, record=("summary", "series", "members"), columns=c)
        for s, c in ((scenario.replace(**shock), columns), (scenario, None))
    )
    a, b = with_.members, without.members
    after = a[(a["month"] == month + 1) & (a["active"] > 0)][["seed", "member"]]
    rows = after.merge(b[(b["month"] == month) & (b["active"] > 0)][["seed", "member"]])
    for name, table in (("", a), ("_without", b)):
        ends = table[table["month"] == month + 24][["seed", "member", "active"]].rename(
            columns={"active": f"stay{name}"}
        )
        later = table[(table["month"] > month) & (table["month"] <= month + 24) & (table["active"] > 0)]
        got = (
            later.groupby(["seed", "member"], as_index=False)["captured"]
            .sum()
            .rename(columns={"captured": f"got{name}"})
        )
        rows = rows.merge(ends).merge(got, how="left").fillna({f"got{name}": 0.0})
    result = rows.groupby("seed").mean().drop(columns="member")
    for name, run in (("", with_), ("_without", without)):
        s = run.series[(run.series["month"] > month) & (run.series["month"] <= month + 24)]
        result[f"created{name}"] = s.groupby("seed")["value_created"].sum()
    return result


def findings() -> list[str]:
    """Set numbers of the first version beside those of now, for each of the twelve findings."""
    both = (FIRST, NOW)
    distances = [0.0, 0.3, 0.6, 0.9, 1.2]
    gap = [
        mean(s, "collective_value", sectors__specialisation=0.9)
        - mean(s, "collective_value", sectors__specialisation=0.1)
        for s in both
    ]
    best = [best_at(s, "sectors.distance", distances, "collective_value") for s in both]
    spread = [spread_of(s) for s in both]
    lost = [stayers_lost(s) for s in both]
    budgets = [[mean(s, "retention_60", p, grant__budget=b) for b in (3.0, 20.0)]
               for s, p in zip(both, (AS_THEN["adaptive_tracking"], "adaptive_tracking"), strict=True)]  # fmt: skip
    trust = [trust_follows(s) for s in both]
    seen = [[mean(s, "retention_60", {**p, "name": n}) for n in ("adaptive_tracking", "perfect_information")]
            for s, p in zip(both, (AS_THEN["adaptive_tracking"], {}), strict=True)]  # fmt: skip
    dates = hazards(sim.load_scenario("membership_foundation"))
    clustering = [variance_over_mean(s) for s in both]
    pauses = [
        [mean(s, "society_value", {"name": "strategic_pause", "pause": m} if m else "neutral") for m in (0, 3, 12)]
        for s in both
    ]
    health = sim.load_scenario("public_health")
    old_health = first_version_of(health)
    guarded = [
        [mean(s, "retention_60", p) for p in ("neutral", "safeguarding", {"name": "safeguarding", "least_risk": 0.05})]
        for s in (old_health, health)
    ]
    large = [large_membership(s) for s in (FIRST, sim.load_scenario("membership_foundation"))]
    rows = [
        ("Difference is never a strength", "novelty by distance, absorption, depth, goals by sector, pairs that differ",
         "absorption and tension", f"best distance {best[0]:g} → {best[1]:g}; specialised (.9) minus general (.1) collective value {gap[0]:+.2f} → {gap[1]:+.2f}"),
        ("Four sectors, two kinds", "profiles of four sectors", "other sectors leave and capture differently",
         f"spread between sectors of members there after 60 months {spread[0]:.2f} → {spread[1]:.2f}"),
        ("Members hardly need each other", "critical mass, capture from what others bring now, stock by supply, company",
         "small partnerships create less", f"when 40 % leave in month 24, stayers still there in month 48: "
         f"{lost[0][1]:.2f} without, {lost[0][0]:.2f} with → {lost[1][1]:.2f}, {lost[1][0]:.2f}"),
        ("More effort destroys", "a pull that saturates, policies that stop", "effort stays idle",
         f"retention at 60 months with budgets of 3 and 20: {budgets[0][0]:.2f}, {budgets[0][1]:.2f} → {budgets[1][0]:.2f}, {budgets[1][1]:.2f}"),
        ("Trust is a coin", "trust from contributions as promised, disclosure returned, leaks, help", "closed members are trusted less",
         f"correlation over runs of trust in month 24 with what members contributed before: {trust[0]:+.2f} → {trust[1]:+.2f}"),
        ("Perfect information does not help", "help where it moves most", "who is past help gets none",
         f"retention with estimates and with the truth: {seen[0][0]:.2f}, {seen[0][1]:.2f} → {seen[1][0]:.2f}, {seen[1][1]:.2f}"),
        ("Nothing happens to the whole", "common shocks, an end of the whole, departures of many", "all are hit at once",
         f"variance over mean of exits a month {clustering[0]:.2f} → {clustering[1]:.2f}"),
        ("No dates", "terms, fees, a calendar, lapses (`membership_foundation`)", "a fee at each renewal",
         f"no peak → exits a month in months 7 to 10 of membership {100 * dates[0]:.1f} %, 11 to 14 {100 * dates[1]:.1f} %, 15 to 18 {100 * dates[2]:.1f} %"),
        ("Pauses are nearly free", "pace lost, impatience, plans that age", "12 months cost momentum and goodwill",
         f"society value with 0, 3 and 12 months: {', '.join(f'{v:.1f}' for v in pauses[0])} → {', '.join(f'{v:.1f}' for v in pauses[1])}"),
        ("Safeguarding treats all alike", "safeguards for who looks at risk (`least_risk`)", "who is judged wrongly goes unprotected",
         f"public health, retention neutral, all safeguarded, only who looks at risk: {', '.join(f'{v:.2f}' for v in guarded[0][:2])} → {', '.join(f'{v:.2f}' for v in guarded[1])}"),
        ("Large memberships of firms die out", "rivals by share, working groups, fees", "-",
         f"435 members, 97 % firms, after 60 months: {large[0]:.2f} → {large[1]:.2f} (real .49)"),
        ("Statistics unfair to their sources", "mended (decision 0021)", "-", "see validation"),
    ]  # fmt: skip
    lines = ["| found | built | its price | the first version → now |", "|---|---|---|---|"]
    return [*lines, *(f"| {k}. {' | '.join(row)} |" for k, row in enumerate(rows, 1))]


def first_version_of(scenario: Any) -> Any:
    """Put what makes the first version in place of the defaults of now."""
    from sim.core.declare import parameters

    changes = {a.path: a.default for a, b in zip(parameters(FIRST), parameters(NOW), strict=True)
               if a.default != b.default and a.path != "title"}  # fmt: skip
    return scenario.replace(**changes)


def trust_follows(scenario: Any) -> float:
    """Correlate over runs mean trust in month 24 with mean participation times disclosure before."""
    s = sim.simulate(scenario, RUNS, "neutral", 24).series
    given = (s["participation"] * s["disclosure"]).groupby(s["seed"]).mean()
    trust = s[s["month"] == 24].set_index("seed")["trust"]
    return float(np.corrcoef(given, trust.reindex(given.index))[0, 1])


def spread_of(scenario: Any) -> float:
    """Give the largest minus the smallest share of a sector's members there after 60 months."""
    m = sim.simulate(scenario, RUNS, "neutral", 60, record=("members",)).members
    stays = m[m["month"] == 60].groupby("sector")["active"].mean()
    return float(stays.max() - stays.min())


def hazards(scenario: Any) -> list[float]:
    """Give the exits a month in months 7-10, 11-14 and 15-18."""
    s = sim.simulate(scenario, RUNS, "neutral", 24).series
    out = s["exits_frustrated"] + s["exits_satisfied"] + s["exits_other"]
    return [
        float(out[s["month"].between(a, b)].sum() / (s["n_members"] + out)[s["month"].between(a, b)].sum())
        for a, b in ((7, 10), (11, 14), (15, 18))
    ]


def variance_over_mean(scenario: Any) -> float:
    """Say how exits a month cluster within a run beyond their average path."""
    s = sim.simulate(scenario, RUNS, "neutral", 60).series
    out = (s["exits_frustrated"] + s["exits_satisfied"] + s["exits_other"]).to_numpy().reshape(-1, 60)
    expected = np.maximum(out.mean(axis=0), 1e-9)
    return float(np.mean((out - expected) ** 2 / expected))


def large_membership(scenario: Any) -> float:
    """Give the share of 435 members, 97 % firms, that are there after five years."""
    mix = {
        "sectors.private.share": 0.97,
        "sectors.public.share": 0.01,
        "sectors.academic.share": 0.01,
        "sectors.nonprofit.share": 0.01,
    }
    return float(
        sim.simulate(scenario.replace(**{"size.partners": 435, **mix}), 20, "neutral", 60, record=())
        .summary["retention_60"]
        .mean()
    )


# 2. Where difference is a strength

DISTANCES, FIRMS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2], [0.1, 0.3, 0.5, 0.7, 0.9]
BRIDGES: tuple[tuple[str, Any, dict[str, Any]], ...] = (
    ("nothing done", "neutral", {}),
    ("much understanding", "neutral", {"start.understanding": 0.7}),
    ("bundling", "bundling", {}),
    ("introductions inside", {"name": "connecting", "inside": 1.0}, {}),
    ("a pause of three months", "strategic_pause", {}),
)


def mix_of(firms: float) -> dict[str, float]:
    """Give the shares of sectors for a share of firms; the others in their usual proportion."""
    return {"sectors.private.share": firms, "sectors.public.share": 0.3 * (1 - firms),
            "sectors.academic.share": 0.3 * (1 - firms), "sectors.nonprofit.share": 0.4 * (1 - firms)}  # fmt: skip


def difference_maps(runs: int = RUNS) -> dict[str, dict[str, np.ndarray]]:
    """Simulate mix x distance for each bridge: collective value and retention, shape (mixes, distances)."""
    result = {}
    for name, policy, changes in BRIDGES:
        cells = [sim.simulate(NOW.replace(**changes, **mix_of(f), **{"sectors.distance": d}), runs, policy, 60, record=()).summary
                 for f in FIRMS for d in DISTANCES]  # fmt: skip
        result[name] = {
            o: np.array([c[o].mean() for c in cells]).reshape(len(FIRMS), -1)
            for o in ("collective_value", "retention_60")
        }
    return result


def difference_figure(maps: dict[str, dict[str, np.ndarray]]) -> Any:
    """Draw what distance adds to value and retention, for each mix and bridge."""
    with mpl.rc_context(RC):
        picture, axes = plt.subplots(2, len(maps), figsize=(13, 5.6), sharex=True, sharey=True)
        for column, (name, values) in enumerate(maps.items()):
            for row, (outcome, percent) in enumerate((("collective_value", True), ("retention_60", False))):
                ax, v = axes[row, column], values[outcome]
                change = 100 * (v / v[:, :1] - 1) if percent else 100 * (v - v[:, :1])
                most = 60 if percent else 30
                image = ax.imshow(change, origin="lower", cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto")
                for i in range(len(FIRMS)):
                    best = int(np.argmax(v[i]))
                    ax.plot(best, i, "o", mfc="white", mec="black", ms=6)
                    for j in range(1, len(DISTANCES)):
                        ax.text(
                            j,
                            i - 0.25,
                            f"{change[i, j]:+.0f}",
                            ha="center",
                            va="center",
                            fontsize=6,
                            color="white" if abs(change[i, j]) > 0.7 * most else "black",
                        )
                ax.set_xticks(range(len(DISTANCES)), [f"{d:g}" for d in DISTANCES], fontsize=7)
                ax.set_yticks(range(len(FIRMS)), [f"{f:.0%}" for f in FIRMS], fontsize=7)
                ax.grid(visible=False)
                if row == 0:
                    ax.set_title(name, fontsize=9)
                if column == len(maps) - 1:
                    bar = picture.colorbar(image, ax=axes[row, :].tolist(), fraction=0.012, pad=0.01)
                    bar.set_label(
                        "collective value: % of that\nwithout distance"
                        if percent
                        else "members after 60 months:\npoints above no distance",
                        fontsize=8,
                    )
        picture.suptitle(
            "Difference between sectors: a strength (orange) or a risk (purple); dot: the best distance",
            x=0.01,
            ha="left",
            weight="bold",
        )
        picture.text(0.4, 0.03, "distance of DNA between sectors", fontsize=9)
        picture.text(0.065, 0.5, "share of firms", rotation=90, fontsize=9, va="center")
        picture.text(
            0.01, 0.005, f"{RUNS} runs a cell on the same seeds, model {model_version()}", color=SOFT, fontsize=7
        )
        return picture


def difference() -> list[str]:
    """Say where difference is a strength."""
    maps = difference_maps()
    save_figure(
        difference_figure(maps), HERE / "difference", f"python docs/write_second_version.py | model {model_version()}"
    )
    (HERE / "difference.svg").unlink()
    lines = ["| | best distance for collective value, by share of firms 10, 30, 50, 70, 90 % | value there, % of that without distance |"
             " retention there, points against no distance | distance up to which value is above that without |", "|---|---|---|---|---|"]  # fmt: skip
    for name, values in maps.items():
        v, r = values["collective_value"], values["retention_60"]
        at = np.argmax(v, axis=1)
        rows = np.arange(len(FIRMS))
        ends = [max([d for d, x in zip(DISTANCES, line, strict=True) if x >= line[0]]) for line in v]
        lines.append(f"| {name} | {', '.join(f'{DISTANCES[k]:g}' for k in at)} | {', '.join(f'{100 * v[i, k] / v[i, 0]:.0f}' for i, k in zip(rows, at, strict=True))} | "
                     f"{', '.join(f'{100 * (r[i, k] - r[i, 0]):+.0f}' for i, k in zip(rows, at, strict=True))} | {', '.join(f'{e:g}' for e in ends)} |")  # fmt: skip
    return ["![Where difference is a strength](difference.png)", "", *lines]


# 3. Four sectors


def sectors() -> list[str]:
    """Set the four sectors of the reference side by side, with 95 % intervals over runs."""
    run = sim.simulate(NOW, 400, "neutral", 60, record=("members", "events"))
    last = run.members[run.members["month"] == 60]
    stayed = run.members.groupby(["seed", "sector", "member"])["active"].sum().reset_index()
    exits = run.events[run.events["kind"].str.startswith("exit")]
    counts = last.groupby("sector").size()
    measures: dict[str, Callable[[str], pd.Series]] = {
        "private value a member": lambda s: last[last["sector"] == s].groupby("seed")["needs_met"].mean(),
        "there after 60 months (%)": lambda s: 100 * last[last["sector"] == s].groupby("seed")["active"].mean(),
        "months taken part": lambda s: stayed[stayed["sector"] == s].groupby("seed")["active"].mean(),
    }
    table = {}
    for name, measure in measures.items():
        table[name] = {s: (measure(s).mean(), *mean_interval(measure(s).to_numpy())) for s in SECTORS}
    causes = exits["cause"].value_counts()
    for cause in causes[causes > 0.01 * causes.sum()].index:
        table[f"left: {cause} (%)"] = {}
        for s in SECTORS:
            per_run = counts[s] / 400
            share = (
                100
                * exits[(exits["sector"] == s) & (exits["cause"] == cause)]
                .groupby("seed")
                .size()
                .reindex(range(400), fill_value=0)
                / per_run
            )
            table[f"left: {cause} (%)"][s] = (share.mean(), *mean_interval(share.to_numpy()))
    lines = [f"| | {' | '.join(SECTORS)} |", "|---|---|---|---|---|"]
    for name, row in table.items():
        lines.append(
            f"| {name} | " + " | ".join(f"{m:.1f} ({low:.1f} to {high:.1f})" for m, low, high in row.values()) + " |"
        )
    apart = []
    for k, one in enumerate(SECTORS):
        for other in SECTORS[k + 1 :]:
            differ = [n for n, row in table.items() if row[one][2] < row[other][1] or row[other][2] < row[one][1]]
            apart.append(f"{one} and {other} in {len(differ)} of {len(table)}")
    return [*lines, "", f"Intervals do not overlap: {'; '.join(apart)}."]


# 4. Many leave at once, or one who matters

POLICIES = ("neutral", "safeguarding", "bundling", "connecting", "strategic_pause", "adaptive_tracking")


def largest(runs: int) -> list[int]:
    """Give the member that has contributed most by month 24 of each run, under neutral."""
    m = sim.simulate(NOW, runs, "neutral", 24, record=("members",)).members
    there = m[(m["month"] == 24) & (m["active"] > 0)]
    total = m.groupby(["seed", "member"])["contributed"].sum()
    there = there.assign(total=[total[key] for key in zip(there["seed"], there["member"], strict=True)])
    first = there.sort_values("total").groupby("seed")["member"].last()
    return [int(first.get(seed, 0)) for seed in range(runs)]


def departures() -> list[str]:
    """Let 40 % leave in month 24, or the member that brought most, by policy."""
    shocks = {"40 % leave": ({"shocks.departures.month": 24, "shocks.departures.share": 0.4}, None),
              "the one that brought most leaves": ({"shocks.forced_exit.month": 24}, {"shocks.forced_exit.member": largest(RUNS)})}  # fmt: skip
    lines = ["| month 24 | policy | stayers there in month 48: without, with | captured by a stayer in 24 months: without, with | created in 24 months: with, % of without |",
             "|---|---|---|---|---|"]  # fmt: skip
    bars = {}
    for name, (shock, columns) in shocks.items():
        for policy in POLICIES:
            t = departures_of(NOW, policy, shock, 24, columns)
            low, high = mean_interval(100 * (t["stay"] - t["stay_without"]).to_numpy())
            bars[name, policy] = (t, low, high)
            m = t.mean()
            lines.append(f"| {name} | {policy} | {m['stay_without']:.3f}, {m['stay']:.3f} ({low:+.1f} to {high:+.1f} points) | "
                         f"{m['got_without']:.1f}, {m['got']:.1f} | {100 * m['created'] / m['created_without']:.0f} |")  # fmt: skip
    with mpl.rc_context(RC):
        picture, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharey=True)
        for ax, (what, label) in zip(
            axes,
            (
                ("stay", "stayers there 24 months later, points"),
                ("got", "captured by a stayer, %"),
                ("created", "created by the partnership, %"),
            ),
            strict=True,
        ):
            for k, policy in enumerate(POLICIES):
                for shift, marker, name in (
                    (-0.13, "o", "40 % leave"),
                    (0.13, "D", "the one that brought most leaves"),
                ):
                    t, low, high = bars[name, policy]
                    change = (
                        100 * (t[what] - t[f"{what}_without"])
                        if what == "stay"
                        else 100 * (t[what] - t[f"{what}_without"]) / t[f"{what}_without"].mean()
                    )
                    low, high = mean_interval(change.to_numpy())
                    ax.errorbar(change.mean(), k + shift, xerr=[[change.mean() - low], [high - change.mean()]], fmt=marker, color="#0072B2" if marker == "o" else "#D55E00",
                                label=name if k == 0 else None, capsize=2)  # fmt: skip
            ax.axvline(0, color=SOFT, lw=0.8)
            ax.set_xlabel(label)
        axes[0].set_yticks(range(len(POLICIES)), [p.replace("_", " ") for p in POLICIES])
        axes[0].invert_yaxis()
        picture.legend(*axes[0].get_legend_handles_labels(), loc="upper right", ncols=2, frameon=False, fontsize=9)
        picture.suptitle("What departures in month 24 do to those who stay", x=0.01, ha="left", weight="bold")
        picture.text(
            0.01,
            0.005,
            f"{RUNS} runs with and without, on the same seeds, 95 % intervals, model {model_version()}",
            color=SOFT,
            fontsize=7,
        )
        picture.tight_layout(rect=(0, 0.03, 1, 0.97))
    save_figure(picture, HERE / "departures", f"python docs/write_second_version.py | model {model_version()}")
    (HERE / "departures.svg").unlink()
    return ["![What departures do to those who stay](departures.png)", "", *lines]


# 5. Dose and response

DOSES: tuple[tuple[str, Any, Sequence[float] | None], ...] = (
    ("grant.budget", "adaptive_tracking", None),
    ("grant.budget", "connecting", None),
    ("policy.level", "safeguarding", None),
    ("policy.level", "bundling", None),
    ("policy.share", "connecting", None),
    ("policy.inside", "connecting", None),
    ("policy.pause", "strategic_pause", [0, 1, 2, 3, 4, 6, 9, 12, 18]),
    ("policy.intervene", "fixed_mix", [0, 0.04, 0.08, 0.12, 0.16, 0.2]),
    ("sectors.distance", "neutral", DISTANCES),
    ("rules.creation.novelty", "neutral", None),
    ("rules.creation.critical_mass", "neutral", None),
    ("rules.capture.now", "neutral", None),
    ("rules.membership.company", "neutral", None),
    ("size.partners", "neutral", [4, 6, 8, 12, 16, 24, 32, 48]),
)


def doses() -> list[str]:
    """Take each mechanism from none to full: what it does to each outcome, and why."""
    lines = []
    for of, policy, levels in DOSES:
        d = sim.dose(of, None, policy, levels=levels, seeds=100, progress=False)
        chosen = f" 'levels=[{','.join(f'{v:g}' for v in levels)}]'" if levels else ""
        lines += [
            f"**`{of}`, {policy}** (`partnership dose {of}{chosen} scenario=neutral policy={policy}`)",
            "",
            *(f"- {a}" for a in d.answer()),
            "",
        ]
    return lines


SECTIONS: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "findings": ("Twelve findings on the first version, and what was done", findings),
    "difference": ("Where difference is a strength and where a risk", difference),
    "sectors": ("Four sectors in the reference", sectors),
    "departures": ("Many leave at once, or one who matters", departures),
    "doses": ("From none to full", doses),
}


def main(names: list[str]) -> None:
    """Write the page, or print some of its sections."""
    chosen = names or list(SECTIONS)
    lines = ["# The second version beside the first", "",
             f"Made by `python docs/write_second_version.py` from model {model_version()}; do not edit. The first version is the scenario",
             "`first_version`; all runs are of the defaults (`neutral`) unless a scenario is named, on the same seeds.", ""]  # fmt: skip
    for name in chosen:
        title, make = SECTIONS[name]
        lines += [f"## {title}", "", *make(), ""]
    text = "\n".join(lines).rstrip() + "\n"
    if names:
        print(text)
    else:
        (HERE / "second_version.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
