"""``partnership calibrate``: which settings agree with what is known."""

from pathlib import Path

HELP = """\
Rule out settings of the free parameters that known facts contradict; what is left is the region to show results over.

  partnership calibrate                                   # the shipped one: a voluntary pledge, about two minutes
  partnership calibrate calibration=my_facts.yaml folder=results/mine
  partnership calibrate design.n=512 folder=results/quick

Takes calibration= (a file in configs/calibration, or a YAML of your own, as that one), folder=, executor= and
design.n= of the wide look. Interrupted, the same command goes on. Writes region.csv (all settings left), sample.csv
(some of them, to sweep over: design=file design.path=...), and a figure.
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.errors import InputError
    from sim.core.paths import path_of
    from sim.storage.atomic import refuse_results
    from sim.storage.results import read_table, write_csv
    from sim.studies.validation.calibration import calibrate, read_calibration
    from sim.sweeps.spec import check, experiment_data, override
    from sim.viz.figures.validation import calibration_figure
    from sim.viz.save import save_figure

    given = dict(a.partition("=")[::2] for a in arguments)
    unknown = [k for k in given if k.partition(".")[0] not in ("calibration", "folder", "executor", "design")]
    if unknown or any("=" not in a for a in arguments):
        raise InputError(
            f"'{(unknown or arguments)[0]}': calibrate takes calibration=, folder=, executor= and design.n="
        )
    name = given.get("calibration", "pledge")
    calibration = read_calibration(name)
    prior = override(
        experiment_data(calibration.experiment), [a for a in arguments if a.startswith(("executor", "design"))]
    )
    asked = check("calibration", prior, path_of(given.get("folder") or f"results/calibration-{Path(name).stem}"))
    refuse_results(asked.folder)
    changes = {"design": asked.experiment.plain()["design"]}
    region = calibrate(calibration, asked.folder, executor=asked.executor.model_dump(), **changes)
    sample = region.head(calibration.keep)
    write_csv(region, asked.folder / "region.csv")
    write_csv(sample.drop(columns=list(calibration.targets)), asked.folder / "sample.csv")
    n = len(read_table(asked.folder / "wide" / "points.parquet"))
    figure = calibration_figure(
        region, asked.experiment.space, calibration.targets, f"{len(region)} of {n} settings left"
    )
    save_figure(figure, asked.folder / "region", f"partnership calibrate {' '.join(arguments)}")
    print(f"{len(region)} of {n} settings agree with all facts; {asked.folder}/region.csv holds them.\n")
    print(f"{'':32}{'prior':>18}{'left: 5 %':>12}{'median':>10}{'95 %':>10}")
    for path, entry in asked.experiment.space.items():
        low, middle, high = region[path].quantile([0.05, 0.5, 0.95])
        print(f"{path:<32}{entry['low']:>9g} to {entry['high']:<5g}{low:>12.3g}{middle:>10.3g}{high:>10.3g}")
    for name, t in calibration.targets.items():
        low, middle, high = region[name].quantile([0.05, 0.5, 0.95])
        print(f"{name + ' ' + t.outcome:<32}{t.low:>9g} to {t.high:<5g}{low:>12.3g}{middle:>10.3g}{high:>10.3g}")
