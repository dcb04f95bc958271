"""Write the tables and figures of ``docs/forecast_scores.md`` from a folder of results.

``partnership forecast-score configs/reference/listed_spells.csv drop=riscv folder=results/forecasts`` makes the folder;
``python docs/write_forecast_scores.py results/forecasts`` reads it.
"""

import shutil
import sys
from pathlib import Path

import pandas as pd

from sim.studies.forecast_scores.text import LABELS

HERE = Path(__file__).resolve().parent
PAGE = HERE / "forecast_scores.md"
START, END = "<!-- generated: scores -->", "<!-- end -->"
PER_HORIZON = " / "


def by_horizon(rows: pd.DataFrame, column: str, form: str) -> str:
    """Lay one number of a forecast out over the horizons."""
    return PER_HORIZON.join(format(value, form).replace("0.", ".") for value in rows.sort_values("horizon")[column])


def score_table(means: pd.DataFrame) -> list[str]:
    """Give the means of every forecast as a table."""
    columns = {"crps": ".3f", "in50": ".2f", "in90": ".2f", "rank90": ".2f", "width90": ".2f", "bias": "+.3f"}
    heads = ["mean CRPS", "50 % intervals hold", "90 % intervals hold", "90 %, by rank", "width of 90 %", "bias"]
    lines = [f"| forecast | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name in means["forecast"].unique():
        rows = means[means["forecast"] == name]
        cells = [by_horizon(rows, column, form) for column, form in columns.items()]
        lines.append(f"| {LABELS[name]} | {' | '.join(cells)} |")
    return lines


def paired_table(paired: pd.DataFrame) -> list[str]:
    """Give the differences between the model and every baseline."""
    horizons = sorted(paired["horizon"].unique())
    lines = [
        f"| the model against | {' | '.join(f'{h} months' for h in horizons)} |",
        "|---" * (len(horizons) + 1) + "|",
    ]
    for name in paired["against"].unique():
        cells = [
            f"{r.difference:+.3f} ({r.low:+.3f} to {r.high:+.3f}), {r.better} of {r.bodies}"
            for r in paired[paired["against"] == name].sort_values("horizon").itertuples()
        ]
        lines.append(f"| {LABELS[name]} | {' | '.join(cells)} |")
    return lines


def body_table(by_body: pd.DataFrame) -> list[str]:
    """Give the mean CRPS of each body: the model, and the baseline that is best over all."""
    lines = ["| body | the model | constant hazard of the body |", "|---|---|---|"]
    for body, rows in by_body.groupby("body"):
        cells = [by_horizon(rows, column, ".3f") for column in ("model", "constant_body")]
        lines.append(f"| {body} | {' | '.join(cells)} |")
    return lines


def main(folder: Path) -> None:
    """Write."""
    means, paired, by_body = (pd.read_csv(folder / f"{name}.csv") for name in ("means", "paired", "by_body"))
    horizons = ", ".join(str(h) for h in sorted(means["horizon"].unique()))
    parts = [
        f"Means over bodies, at {horizons} months:", "", *score_table(means), "",
        "Differences in CRPS, paired by body (below 0: the model is better; 90 % interval of the mean over bodies; in "
        "how many bodies it is better):", "", *paired_table(paired), "",
        f"Mean CRPS of each body, at {horizons} months:", "", *body_table(by_body),
    ]  # fmt: skip
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END, 1)[1]
    PAGE.write_text(f"{before}{START}\n" + "\n".join(parts) + f"\n{END}{after}", encoding="utf-8")
    for name in ("crps", "coverage"):
        shutil.copy(folder / f"{name}.png", HERE / f"forecast_{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
