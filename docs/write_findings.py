"""Write ``docs/findings.md`` and its figure: ``python docs/write_findings.py`` (about a minute; runs are kept)."""

from pathlib import Path
from textwrap import fill, shorten
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim import Scenario
from sim.core.declare import parameters
from sim.storage.digests import model_version
from sim.studies.validation.claims import CLAIMS, FAILS, HOLDS, STATES, regimes, run_claims
from sim.studies.validation.region import read_region
from sim.viz.save import save_figure
from sim.viz.style import INK, RC, SOFT

HERE = Path(__file__).resolve().parent
PARAMETER_SETS, REPLICATIONS = 24, 20


def maps(table: Any) -> Any:
    """Draw a small map per claim: in which states of the world it holds, as the share of parameter sets."""
    xs, ys = STATES.values()
    with mpl.rc_context(RC):
        rows = -(-len(CLAIMS) // 5)
        picture, axes = plt.subplots(rows, 5, figsize=(12, 2.75 * rows + 0.9), sharex=True, sharey=True, squeeze=False)
        for ax, claim in zip(axes.flat, CLAIMS, strict=False):
            own = table[table["claim"] == claim.name]
            share = own.assign(v=own["gap"] > 0).pivot_table(index="y", columns="x", values="v", aggfunc="mean")
            image = ax.imshow(share, origin="lower", cmap="PuOr", vmin=0, vmax=1, aspect="auto")
            for r in range(len(ys)):
                for c in range(len(xs)):
                    v = float(share.iat[r, c])
                    colour = INK if 0.25 < v < 0.75 else "white"
                    ax.text(c, r, f"{v:.0%}", ha="center", va="center", fontsize=8, color=colour)
            title = fill(shorten(f"{claim.name.replace('_', ' ')}: {claim.sentence}", 105, placeholder=" ..."), 33)
            ax.set_title(title, fontsize=7.2, weight="normal")
            ax.set_xticks(range(len(xs)), [f"{v:g}" for v in xs])
            ax.set_yticks(range(len(ys)), [f"{v:g}" for v in ys])
            ax.grid(visible=False)
        for ax in list(axes.flat)[len(CLAIMS) :]:
            ax.set_axis_off()
        picture.suptitle(
            "Where the claims hold: share of parameter sets of the plausible region", x=0.01, ha="left", weight="bold"
        )
        picture.supxlabel("what a leak costs (value)", fontsize=10, y=0.03)
        picture.supylabel("weight of firms in the mix", fontsize=10)
        picture.text(
            0.01,
            0.005,
            f"{PARAMETER_SETS} parameter sets, {REPLICATIONS} runs each, model {model_version()}",
            color=SOFT,
            fontsize=7,
        )
        picture.tight_layout(rect=(0.01, 0.03, 0.93, 0.99))
        picture.colorbar(image, cax=picture.add_axes((0.94, 0.25, 0.012, 0.5))).set_label(
            "share of parameter sets", fontsize=9
        )
        return picture


def page(table: Any, found: Any) -> str:
    """Write the findings as a page."""
    docs = {q.path: q.doc for q in parameters(Scenario())}
    cases = int(found["cases"].iloc[0])
    cells = len(STATES["rules.leak.loss"]) * len(STATES["sectors.private.share"])
    lines = [
        "# Findings: the source texts' claims, tested",
        "",
        f"Made by `python docs/write_findings.py` from model {model_version()}; do not edit. Each claim is a comparison on the same",
        f"{REPLICATIONS} seeds with the same budget, not always spent, for {PARAMETER_SETS} parameter sets of the plausible region",
        f"(`configs/calibration/lists.csv`), in {cells} states of the world: what a leak costs, times the weight of firms in the mix.",
        f"In a state a claim *holds* if at least {HOLDS:.0%} of the parameter sets show the claimed sign, *fails* if at most",
        f"{FAILS:.0%} do, and *depends* on the parameters in between. These are findings about the model, not about partnerships:",
        "what the model leaves out, and what it builds in, can decide them. `partnership validate` shows where it fails facts.",
        "",
        "The region was calibrated in the neutral reference (half firms, a leak costs 6). Elsewhere its parameter sets need no longer",
        f"agree with the two facts on partnerships: {cases} of {cells * PARAMETER_SETS} cases still do, under `neutral`. Each claim also gives its share among",
        "those; the others show what follows if such a case is like the reference in all but leak cost and mix.",
        "",
        "![Maps of where each claim holds](claims.png)",
        "",
    ]
    for kind, title in (
        ("holds", "Hold in every state tried"),
        ("depends", "Depend"),
        ("fails", "Fail in every state tried"),
    ):
        chosen = [r for r in found.itertuples() if _kind(r, cells) == kind]
        lines += [f"## {title}", ""]
        for r in chosen:
            claim = next(c for c in CLAIMS if c.name == r.claim)
            pair = _pair(claim)
            more = "high" if r.correlation > 0 else "low"
            lines += [
                f"**{r.sentence}** ({r.source}; `{r.claim}`: {pair}, by `{r.outcome}`;"
                f" {r.kind}). Holds in {r.holds}, depends in {r.depends},"
                f" fails in {r.fails} of {cells} states of the world; {r.share_as_claimed:.0%} of all cases have the claimed sign,"
                f" {r.agreeing:.0%} of those that agree with the facts,"
                f" {r.sure:.0%} differ from 0 by more than two standard errors; median difference"
                f" {r.median:+.3g} (above 0: as claimed). It holds more where `{r.depends_on}` is {more}"
                f" ({docs.get(r.depends_on, '')}; rank correlation {r.correlation:+.2f}).",
                "",
            ]
        if not chosen:
            lines += ["None.", ""]
    return "\n".join(lines)


def _kind(row: Any, cells: int) -> str:
    return "holds" if row.holds == cells else "fails" if row.fails == cells else "depends"


def _pair(claim: Any) -> str:
    from sim.model.policies.registry import label

    if claim.level:
        return f"`{claim.level}` {claim.one:g} against {claim.other:g}"
    return f"`{label(claim.one)}` against `{label(claim.other)}`"


def main() -> None:
    """Run what is missing, and write."""
    region = read_region().head(PARAMETER_SETS)
    table = run_claims(
        region, HERE.parent / "results" / f"claims-{model_version().rpartition(chr(43))[2]}", REPLICATIONS
    )
    found = regimes(table, region)
    found.to_csv(HERE / "claims.csv", index=False, float_format="%.6g")
    save_figure(maps(table), HERE / "claims", f"python docs/write_findings.py | model {model_version()}")
    (HERE / "claims.svg").unlink()
    (HERE / "findings.md").write_text(page(table, found), encoding="utf-8")
    print(found.drop(columns=["sentence", "source"]).round(3).to_string())


if __name__ == "__main__":
    main()
