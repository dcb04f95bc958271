"""``partnership calibrate``: which parameter sets agree with what is known."""

HELP = """\
Rule out parameter sets that known facts contradict. What is left is the plausible region, to repeat comparisons over.

  partnership calibrate                                   # the shipped one: a voluntary pledge, about two minutes
  partnership calibrate calibration=my_facts.yaml folder=results/mine
  partnership calibrate design.n=512 folder=results/quick

Takes calibration= (a file in configs/calibration, or a YAML of your own, as that one), replications= (of the second
wave), design.n= (points of the first wave), folder= and executor=. After an interruption the same command continues.
Writes region.csv (all parameter sets left), sample.csv (some of them, to sweep over: design=file design.path=...),
ranges.csv and a figure.
"""

OPTIONS = ("calibration", "replications", "folder", "executor", "design")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.hydra import value_of
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.studies.validation.calibration import calibrate, read_calibration
    from sim.sweeps.spec import experiment_data, override

    options = dict(a.partition("=")[::2] for a in arguments)
    unknown = [k for k in options if k.partition(".")[0] not in OPTIONS]
    if unknown or any("=" not in a for a in arguments):
        wrong = (unknown or arguments)[0]
        raise InputError(
            f"'{wrong}': calibrate takes calibration=, replications=, folder=, executor= and design.n=; see --help"
        )
    name = options.get("calibration", "pledge")
    overrides = [a for a in arguments if a.startswith(("executor", "design"))]
    chosen = override(experiment_data(read_calibration(name).experiment), overrides)
    result = calibrate(
        name,
        seeds=value_of(f"value={options['replications']}") if "replications" in options else None,
        design=chosen.get("design"),
        folder=options.get("folder") or None,
        executor=chosen.get("executor", "processes"),
        call=command_line("calibrate", arguments),
    )
    folder = result.save()
    print(result.text())
    print(f"\nTables and a figure are in {folder}/; region.csv has all parameter sets left.")
