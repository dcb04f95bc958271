"""The figures of a sweep, as its experiment asks for them."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from pandas.api.types import is_numeric_dtype

from sim.analysis.means import averages
from sim.core.declare import parameters
from sim.model.outcomes.summary import SUMMARY
from sim.model.scenario import Scenario
from sim.storage.results import write_csv
from sim.sweeps.experiment import Experiment, Figure
from sim.viz.axes.sweep import plot_lines, plot_map
from sim.viz.save import save_figure
from sim.viz.style import RC, SOFT, label

SHARES = ("retention_24", "retention_60", "retention", "content_24")
"""Outcomes shown in per cent."""

NAMES = {
    "retention_24": "founders staying, 24 months",
    "retention_60": "founders staying, 60 months",
    "retention": "founders staying, at the end",
    "society_value": "value for society",
}
"""Names for a reader, where the outcome's own needs one."""

NAMED = {
    "rules.leak.rate": "probability that open information leaks",
    "rules.leak.loss": "what a leak costs",
    "size.segments": "market segments",
    "sectors.distance": "distance between sectors' DNA",
    "rules.readiness.typical": "readiness",
    "rules.commitment.outside_option_pull": "pull of an outside contact",
    "grant.budget": "budget",
    "rules.orchestrator.benefit_error": "error on a member's benefit",
    "policy.pause": "a pause of",
}
"""Short names for parameters in figures, where what is declared is too long."""


def draw_all(sweep: Any) -> list[Path]:
    """Draw every figure the experiment names, beside the table of what it shows; gives the pictures."""
    place = sweep.folder / "figures"
    wanted = Experiment.model_validate(sweep.config["experiment"]).figures
    if wanted:
        place.mkdir(exist_ok=True)
    pictures, months = [], sweep.config["experiment"]["months"]
    for name, figure in wanted.items():
        over = list(dict.fromkeys(c for c in (figure.panels, figure.by, figure.x, figure.y) if c))
        over = [c for c in over if c not in figure.against or c == figure.by or c in (figure.x, figure.y)]
        table = _ordered(averages(sweep, figure.outcome, over, figure.against), sweep)
        if table["mean"].isna().all():
            print(f"  figure {name}: nothing to draw, {figure.outcome} is not known after {months} months")
            continue
        write_csv(table, place / f"{name}.csv")
        runs = int(sweep.sql("SELECT count(*) n FROM runs")["n"][0])
        title = sweep.config["name"]
        note = f"{title}, {runs:,} runs, model {sweep.model}; 95 % intervals over {table.attrs['over']}"
        about = f"{sweep.question} | partnership sweep experiment={title} | {note} | figure {name}"
        save_figure(draw(table, figure, sweep.question, note, sweep.policies), place / name, about)
        pictures.append(place / f"{name}.png")
    return pictures


def _ordered(table: Any, sweep: Any) -> Any:
    """Put policies, cases and other choices in the order in which the experiment names them."""
    experiment = sweep.config["experiment"]
    orders = {k: list(v) for k, v in experiment["space"].items() if isinstance(v, (list, dict))}
    orders["policy"] = orders.get("policy") or list(dict.fromkeys(sweep.policies))
    for column in [c for c in table.columns if c in orders and not is_numeric_dtype(table[c])]:
        table = table.sort_values(column, key=lambda v, c=column: v.map(orders[c].index), kind="stable")
    return table.reset_index(drop=True)


def draw(table: Any, figure: Figure, question: str, note: str, policies: list[str]) -> Any:
    """Draw one figure from its table; a policy looks the same in all figures of a sweep."""
    scale = 100.0 if figure.outcome in SHARES else 1.0
    table = table.assign(**{c: table[c] * scale for c in ("mean", "low", "high")})
    if figure.outcome in SHARES:
        least = -100.0 if figure.against else 0.0
        table = table.assign(**{c: table[c].clip(least, 100.0) for c in ("low", "high")})
    with mpl.rc_context(RC):
        if figure.kind == "map":
            return _maps(table, figure, question, note)
        return _lines(table, figure, question, note, policies)


def _lines(table: Any, figure: Figure, question: str, note: str, policies: list[str]) -> Any:
    by = figure.by if table[figure.by].nunique() > 1 or figure.by == "policy" else ""
    panels = list(dict.fromkeys(table[figure.panels])) if figure.panels else [None]
    picture, axes = _panels(len(panels), question, note)
    order = policies if by == "policy" else list(dict.fromkeys(table[by])) if by else []
    for ax, panel in zip(axes, panels, strict=False):
        rows = table if panel is None else table[table[figure.panels] == panel]
        plot_lines(rows, figure.x, by, order, ax, bool(figure.against))
        ax.set_title(_panel_name(figure.panels, panel))
    axes[0].set_ylabel(_value(figure))
    handles, names = axes[0].get_legend_handles_labels()
    if len(names) > 1:
        columns = min(len(names), 3 if len(panels) == 1 else 5)
        height, rows = picture.get_figheight(), -(-len(names) // columns)
        title = None if by == "policy" else _axis(by)
        look: Any = {"ncols": columns, "fontsize": 9, "title": title, "title_fontsize": 9, "borderaxespad": 0.0}
        picture.legend(handles, names, loc="lower center", bbox_to_anchor=(0.5, 0.3 / height), **look)
        below = (0.35 + 0.21 * rows + 0.22 * bool(title)) / height
    else:
        below = 0.06
    height = picture.get_figheight()
    picture.tight_layout(rect=(0, below + 0.26 / height, 1, 1.0))
    middle = (axes[0].get_position().x0 + axes[-1].get_position().x1) / 2
    picture.text(middle, below + 0.12 / height, _axis(figure.x), ha="center", va="bottom")
    return picture


def _maps(table: Any, figure: Figure, question: str, note: str) -> Any:
    panels = list(dict.fromkeys(table[figure.by])) if figure.by in table else [None]
    largest = float(np.nanmax(np.abs(table["mean"]))) or 1.0
    limits = (-largest, largest) if figure.against else (float(table["mean"].min()), float(table["mean"].max()))
    picture, axes = _panels(len(panels), question, note, wide=3.9)
    for ax, panel in zip(axes, panels, strict=False):
        rows = table if panel is None else table[table[figure.by] == panel]
        image = plot_map(rows, figure.x, figure.y, ax, limits, bool(figure.against))
        ax.set_title(_panel_name(figure.by, panel))
        ax.set_xlabel(_axis(figure.x))
    axes[0].set_ylabel(_axis(figure.y))
    picture.tight_layout(rect=(0, 0.05, 1 - 1.25 / picture.get_figwidth(), 1.0))
    box = axes[-1].get_position()
    width = picture.get_figwidth()
    bar = picture.colorbar(image, cax=picture.add_axes((box.x1 + 0.15 / width, box.y0, 0.14 / width, box.height)))
    bar.set_label(_value(figure).replace("\n", " ").replace(", difference", ",\ndifference"), fontsize=9)
    return picture


def _panels(n: int, question: str, note: str, wide: float = 3.3) -> tuple[Any, list[Any]]:
    import textwrap

    width = max(wide * n + 0.6, 6.4)
    title = textwrap.fill(question, int(width * 10.2))
    height = 4.5 + 0.2 * title.count("\n")
    picture, axes = plt.subplots(1, n, figsize=(width, height), sharey=True, squeeze=False)
    picture.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=11)
    picture.text(0.01, 0.012, note, color=SOFT, fontsize=7)
    return picture, list(axes.flat)


def _panel_name(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "policy" or isinstance(value, str):
        return label(str(value))
    return f"{NAMED.get(column) or column.rpartition('.')[2].replace('_', ' ')} {value:g}"


def _axis(path: str) -> str:
    """Name an axis: what the parameter is, and its unit."""
    known = {q.path: q for q in parameters(Scenario())}
    if path == "policy.pause":
        return "length of the strategic pause (months)"
    if path not in known:
        return label(path.removeprefix("policy."))
    unit = known[path].unit
    name = NAMED.get(path) or (known[path].doc if len(known[path].doc) <= 45 else path)
    return f"{name}{'' if unit in ('', '1') else f' ({unit})'}"


def _value(figure: Figure) -> str:
    fact = next(o for o in SUMMARY if o.name == figure.outcome)
    unit = "% points" if figure.outcome in SHARES and figure.against else "%" if figure.outcome in SHARES else fact.unit
    what = NAMES.get(figure.outcome, label(figure.outcome))
    if figure.against:
        column, value = next(iter(figure.against.items()))
        of = label(str(value)) if column == "policy" else _panel_name(column, value)
        return f"{what},\ndifference to {of}\n({unit})"
    return f"{what}\n({unit})"
