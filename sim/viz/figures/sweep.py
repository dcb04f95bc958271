"""The figures of a sweep, as its experiment asks for them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.means import averages
from sim.core.declare import parameters
from sim.model.outcomes.named import outcome_named
from sim.model.outcomes.own import declared_outcome
from sim.model.scenario import Scenario
from sim.storage.folders import seal
from sim.storage.results import write_csv
from sim.sweeps.results import SweepFolder
from sim.sweeps.spec import Experiment, Figure
from sim.viz.axes.sweep import plot_lines, plot_map
from sim.viz.layout import finish, legend_of, panels
from sim.viz.save import save_figure
from sim.viz.style import drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawn

PERCENT = ("retention", "content")
"""Beginnings of the names of outcomes shown in per cent."""

NAMES = {
    "retention_24": "retention, 24 months",
    "retention_60": "retention, 60 months",
    "retention": "retention, at the end",
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


COLOUR_BAR = 1.3
"""Inches at the right of maps."""


def draw_all(sweep: SweepFolder) -> list[Path]:
    """Draw every figure that the experiment names, beside the table of what it shows.

    Args:
        sweep: with its runs.

    Returns:
        The PNG files. A figure whose outcome is not known in any run is not drawn, and a message says so.
    """
    folder, pictures = sweep.folder / "figures", []
    wanted = Experiment.model_validate(sweep.config["experiment"]).figures
    if wanted:
        folder.mkdir(exist_ok=True)
    for name, figure in wanted.items():
        table = table_of(sweep, figure)
        if table["mean"].isna().all():
            months = sweep.config["experiment"]["months"]
            print(f"  figure {name}: nothing to draw, {figure.outcome} is not known after {months} months")
            continue
        write_csv(table, folder / f"{name}.csv")
        note = f"{sweep.described}; 95 % intervals over {table.attrs['over']}"
        about = f"{sweep.question} | partnership sweep experiment={sweep.config['name']} | {note} | figure {name}"
        save_figure(draw(table, figure, sweep.question, note, sweep.policies), folder / name, about)
        pictures.append(folder / f"{name}.png")
    seal(sweep.folder, [f"figures/{picture.stem}.{kind}" for picture in pictures for kind in ("csv", "png", "svg")])
    return pictures


def table_of(sweep: SweepFolder, figure: Figure) -> "pd.DataFrame":
    """Give the table that a figure shows: means by what it varies, in the order in which the experiment names it.

    Args:
        sweep: with its runs.
        figure: of its experiment.

    Returns:
        A row per combination, of ``sim.analysis.means.averages``.
    """
    over = list(dict.fromkeys(c for c in (figure.panels, figure.by, figure.x, figure.y) if c))
    over = [c for c in over if c not in figure.against or c == figure.by or c in (figure.x, figure.y)]
    return _ordered(averages(sweep, figure.outcome, over, figure.against), sweep)


def _ordered(table: "pd.DataFrame", sweep: SweepFolder) -> "pd.DataFrame":
    """Put policies, cases and other choices in the order in which the experiment names them."""
    from pandas.api.types import is_numeric_dtype

    experiment = sweep.config["experiment"]
    orders = {k: list(v) for k, v in experiment["space"].items() if isinstance(v, (list, dict))}
    orders["policy"] = orders.get("policy") or list(dict.fromkeys(sweep.policies))
    for column in [c for c in table.columns if c in orders and not is_numeric_dtype(table[c])]:
        place = {value: k for k, value in enumerate(orders[column])}
        table = table.sort_values(column, key=_by_place(place), kind="stable")
    return table.reset_index(drop=True)


def _by_place(places: dict[Any, int]) -> "Callable[[pd.Series[Any]], pd.Series[Any]]":
    return lambda values: values.map(places)


def draw(table: "pd.DataFrame", figure: Figure, question: str, note: str, policies: Sequence[str]) -> "Drawn":
    """Draw one figure from its table.

    Args:
        table: of ``table_of``.
        figure: what it shows.
        question: of the experiment; the title.
        note: at the foot.
        policies: of the sweep, in order, so that a policy looks the same in all its figures.

    Returns:
        The figure.
    """
    scale = 100.0 if _is_percent(figure.outcome) else 1.0
    table = table.assign(**{c: table[c] * scale for c in ("mean", "low", "high")})
    if _is_percent(figure.outcome):
        least = -100.0 if figure.against else 0.0
        table = table.assign(**{c: table[c].clip(least, 100.0) for c in ("low", "high")})
    with drawing():
        if figure.kind == "map":
            return _maps(table, figure, question, note)
        return _lines(table, figure, question, note, policies)


def _lines(table: "pd.DataFrame", figure: Figure, question: str, note: str, policies: Sequence[str]) -> "Drawn":
    by = figure.by if table[figure.by].nunique() > 1 or figure.by == "policy" else ""
    values = list(dict.fromkeys(table[figure.panels])) if figure.panels else [None]
    order = list(policies) if by == "policy" else list(dict.fromkeys(table[by])) if by else []
    picture, axes = panels(len(values), question, size=(3.4, 3.6), width=6.4)
    for ax, value in zip(axes, values, strict=True):
        rows = table if value is None else table[table[figure.panels] == value]
        plot_lines(rows, figure.x, by, order, ax, bool(figure.against))
        ax.set_title(_panel_name(figure.panels, value))
        ax.set_xlabel(_axis(figure.x))
    axes[0].set_ylabel(_value(figure))
    legend = legend_of(axes[0], "" if by in ("policy", "") else _axis(by))
    return finish(picture, note, [legend] if len(legend.names) > 1 else [])


def _maps(table: "pd.DataFrame", figure: Figure, question: str, note: str) -> "Drawn":
    values = list(dict.fromkeys(table[figure.by])) if figure.by in table else [None]
    largest = float(np.nanmax(np.abs(table["mean"]))) or 1.0
    limits = (-largest, largest) if figure.against else (float(table["mean"].min()), float(table["mean"].max()))
    picture, axes = panels(len(values), question, size=(3.9, 3.4), width=6.4)
    for ax, value in zip(axes, values, strict=True):
        rows = table if value is None else table[table[figure.by] == value]
        image = plot_map(rows, figure.x, figure.y, ax, limits, bool(figure.against))
        ax.set_title(_panel_name(figure.by, value))
        ax.set_xlabel(_axis(figure.x))
    axes[0].set_ylabel(_axis(figure.y))
    finish(picture, note, right=COLOUR_BAR)
    width, place = picture.get_figwidth(), axes[min(3, len(axes) - 1)].get_position()
    beside = picture.add_axes((1.0 - (COLOUR_BAR - 0.1) / width, place.y0, 0.14 / width, place.height))
    text = _value(figure).replace("\n", " ").replace(", difference", ",\ndifference")
    picture.colorbar(image, cax=beside).set_label(text, fontsize=9)
    return picture


def _is_percent(outcome: str) -> bool:
    return outcome.startswith(PERCENT) and declared_outcome(outcome) is None


def _panel_name(column: str | None, value: Any) -> str:
    if column is None or value is None:
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
    percent = _is_percent(figure.outcome)
    fact = outcome_named(figure.outcome)
    unit = "% points" if percent and figure.against else "%" if percent else "" if fact is None else fact.unit
    what = NAMES.get(figure.outcome, label(figure.outcome))
    if figure.against:
        column, value = next(iter(figure.against.items()))
        of = label(str(value)) if column == "policy" else _panel_name(column, value)
        return f"{what},\ndifference to {of}\n({unit})"
    return f"{what}\n({unit})"
