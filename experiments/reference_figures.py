"""Make the reference figures in ``results/reference``: the shipped experiments, unchanged.

``python experiments/reference_figures.py`` takes about a minute and a half on two cores.
With names, only those experiments are made again. Calibration and sensitivity have commands of their own.
"""

import shutil
import sys
from pathlib import Path

import sim
from sim.config.files import names_in
from sim.viz.figures.sweep import draw_all

HERE = Path(__file__).resolve().parent.parent / "results"
OWN = ("calibration", "sensitivity")


def main(names: list[str]) -> None:
    """Sweep each experiment below ``results/`` and keep its first two pictures and the tables behind them."""
    place = HERE / "reference"
    place.mkdir(exist_ok=True)
    for name in names or [n for n in names_in("experiment") if n not in OWN]:
        sweep = sim.sweep(name, HERE / name)
        for picture in draw_all(sweep)[:2]:
            for kind in (".png", ".csv"):
                shutil.copy(picture.with_suffix(kind), place / f"{name}-{picture.stem}{kind}")
        print(f"{name}: {len(sweep.runs):,} runs, model {sweep.model}")


if __name__ == "__main__":
    main(sys.argv[1:])
