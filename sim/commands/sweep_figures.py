"""The figures of a sweep, as its experiment asks for them."""

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from sim.analysis.swept import MANY, averages
from sim.declare import parameters
from sim.experiment import Figure
from sim.outcomes.summary import SUMMARY
from sim.plots.style import RC, SOFT, label
from sim.plots.swept import plot_lines, plot_map
from sim.results import save_figure
from sim.scenario import Scenario

SHARES = ("retention_24", "retention_60", "retention", "content_24")
"""Outcomes shown in per cent."""


def draw_all(sweep: Any) -> list[Path]:
    """Draw every figure the experiment names, beside the table of what it shows; gives the pictures."""
    place = sweep.folder / "figures"
    wanted = {name: Figure(**spec) for name, spec in sweep.config["experiment"]["figures"].items()}
    if wanted:
        place.mkdir(exist_ok=True)
    pictures = []
    for name, figure in wanted.items():
        over = list(dict.fromkeys(c for c in (figure.panels, figure.by, figure.x, figure.y) if c))
        over = [c for c in over if c not in figure.against or c == figure.by or c in (figure.x, figure.y)]
        table = averages(sweep, figure.outcome, over, figure.against)
        table.to_csv(place / f"{name}.csv", index=False)
        runs = int(sweep.sql("SELECT count(*) n FROM runs")["n"][0])
        title = sweep.config["name"]
        binned = any(table[c].nunique() > MANY or (c not in ("policy", "scenario") and _binned(sweep, c)) for c in over)
        note = f"{title}, {runs:,} runs, model {sweep.model}; 95 % intervals over {'points' if binned else 'worlds'}"
        about = f"{sweep.question} | partnership sweep experiment={title} | {note} | figure {name}"
        save_figure(draw(table, figure, sweep.question, note), place / name, about)
        pictures.append(place / f"{name}.png")
    return pictures


def _binned(sweep: Any, column: str) -> bool:
    design = sweep.design
    return column in design and design[column].nunique() > MANY


def draw(table: Any, figure: Figure, question: str, note: str) -> Any:
    """Draw one figure from its table."""
    scale = 100.0 if figure.outcome in SHARES else 1.0
    table = table.assign(**{c: table[c] * scale for c in ("mean", "low", "high")})
    with mpl.rc_context(RC):
        return (_lines if figure.kind == "lines" else _maps)(table, figure, question, note)


def _lines(table: Any, figure: Figure, question: str, note: str) -> Any:
    by = figure.by if table[figure.by].nunique() > 1 or figure.by == "policy" else ""
    panels = list(dict.fromkeys(table[figure.panels])) if figure.panels else [None]
    picture, axes = _panels(len(panels), question, note)
    for ax, panel in zip(axes, panels, strict=False):
        plot_lines(
            table if panel is None else table[table[figure.panels] == panel], figure.x, by, ax, bool(figure.against)
        )
        ax.set_title(_panel_name(figure.panels, panel))
        ax.set_xlabel(_axis(figure.x))
    axes[0].set_ylabel(_value(figure))
    handles, names = axes[0].get_legend_handles_labels()
    height = picture.get_figheight()
    title = None if by == "policy" else _axis(by)
    picture.legend(
        handles,
        names,
        loc="lower center",
        title=title,
        ncols=min(len(names), 4 if len(panels) == 1 else 7),
        bbox_to_anchor=(0.5, 0.28 / height),
        fontsize=9,
        title_fontsize=9,
    )
    rows = -(-len(names) // (4 if len(panels) == 1 else 7))
    picture.tight_layout(rect=(0, (0.42 + 0.22 * rows + 0.2 * bool(title)) / height, 1, 0.99))
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
    picture.tight_layout(rect=(0, 0.05, 0.9, 0.99))
    bar = picture.colorbar(image, cax=picture.add_axes((0.915, 0.2, 0.015, 0.62)))
    bar.set_label(_value(figure), fontsize=9)
    return picture


def _panels(n: int, question: str, note: str, wide: float = 3.3) -> tuple[Any, list[Any]]:
    import textwrap

    width = max(wide * n + 0.6, 6.4)
    title = textwrap.fill(question, int(width * 11.5))
    height = 3.9 + 0.24 * title.count("\n")
    picture, axes = plt.subplots(1, n, figsize=(width, height), sharey=True, squeeze=False)
    picture.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=11)
    picture.text(0.01, 0.012, note, color=SOFT, fontsize=7)
    return picture, list(axes.flat)


def _panel_name(column: str, value: Any) -> str:
    if value is None:
        return ""
    if column == "policy" or isinstance(value, str):
        return label(str(value))
    return f"{column.rpartition('.')[2].replace('_', ' ')} {value:g}"


def _axis(path: str) -> str:
    """Name an axis: what the parameter is, and its unit."""
    known = {q.path: q for q in parameters(Scenario())}
    if path == "policy.pause":
        return "length of the strategic pause (months)"
    if path not in known:
        return label(path.removeprefix("policy."))
    unit = known[path].unit
    name = known[path].doc if len(known[path].doc) <= 45 else path
    return f"{name}{'' if unit in ('', '1') else f' ({unit})'}"


def _value(figure: Figure) -> str:
    fact = next(o for o in SUMMARY if o.name == figure.outcome)
    unit = "% points" if figure.outcome in SHARES and figure.against else "%" if figure.outcome in SHARES else fact.unit
    what = label(figure.outcome)
    if figure.against:
        column, value = next(iter(figure.against.items()))
        of = label(str(value)) if column == "policy" else f"{column.rpartition('.')[2]} {value}"
        return f"{what}: difference to {of}\n({unit}; same worlds)"
    return f"{what} ({unit})"
