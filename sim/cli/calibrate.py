"""``partnership calibrate``: which parameter sets agree with what is known."""

from typing import Any

HELP = """\
Rule out parameter sets that known facts contradict. What is left is the plausible region, to repeat comparisons over.

  partnership calibrate                                   # the shipped one: a voluntary pledge, about two minutes
  partnership calibrate calibration=my_numbers.yaml folder=results/mine   # your case, your numbers
  partnership calibrate spells=results/members/spells.csv                # your member lists, as import writes them
  partnership calibrate design.n=512 folder=results/quick
  partnership calibrate calibration=lists                 # on real membership lists, some twenty minutes

Takes calibration= (a file in configs/calibration, or a YAML of your own: docs/your_own_region.md), replications=
(of the second wave), design.n= (points of the first wave), folder=, executor= and config= (a folder's options).
After an interruption the same command continues. Writes region.csv (all parameter sets left, with weights; compare,
forecast, search and validate take the folder as region_from=), sample.csv (sets drawn by weight, to sweep over:
design=file design.path=...), ranges.csv, prediction.csv (what is known beside what the region gives) and figures.
On lists the options are spells= (a table of your own), founding=true (it begins with the partnership), points=
(parameter sets in the first wave), waves=, points_per_wave=, final=, sample_size= and replications=; facts.csv and
left_out.csv say how well it agrees and foretells.
"""

OPTIONS = ("calibration", "replications", "folder", "executor", "design")
ON_LISTS = ("points", "waves", "points_per_wave", "final", "sample_size", "spells", "founding")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.kept_config import with_config
    from sim.config.files import value_of
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.studies.validation.calibration import calibrate, prior_of
    from sim.studies.validation.calibration_spec import read_calibration
    from sim.studies.validation.list_spec import is_list_calibration
    from sim.sweeps.spec import override

    wanted = with_config("calibrate", arguments)
    options = dict(a.partition("=")[::2] for a in wanted)
    unknown = [k for k in options if k.partition(".")[0] not in (*OPTIONS, *ON_LISTS)]
    if unknown or any("=" not in a for a in wanted):
        wrong = (unknown or wanted)[0]
        raise InputError(
            f"'{wrong}': calibrate takes calibration=, replications=, folder=, executor= and design.n=, or on lists "
            f"{', '.join(f'{o}=' for o in ON_LISTS)}; see --help"
        )
    name: Any = options.get("calibration", "lists" if "spells" in options else "pledge")
    name = value_of(f"calibration={name}") if name.startswith("{") else name
    if is_list_calibration(name):
        other = [k for k in options if k.startswith(("design", "executor."))]
        if other:
            takes = ", ".join(f"{o}=" for o in ON_LISTS)
            raise InputError(f"'{other[0]}': a calibration on lists takes {takes}; see --help")
        chosen = {k: v for k, v in options.items() if k in (*ON_LISTS, "replications")}
        numbers: dict[str, Any] = {k: v if k == "spells" else value_of(f"value={v}") for k, v in chosen.items()}
        done = calibrate(
            name,
            folder=options.get("folder") or None,
            executor=options.get("executor", "processes"),
            call=command_line("calibrate", arguments),
            **numbers,
        )
        folder = done.save()
        print(done.text())
        print(f"\nTables and figures are in {folder}/; region.csv has the parameter sets with their weights.")
        print(f"To use them: partnership compare scenario=... region_from={folder}")
        return
    misplaced = [k for k in options if k in ON_LISTS]
    if misplaced:
        raise InputError(f"'{misplaced[0]}': only a calibration on lists takes it; see --help")
    overrides = [a for a in wanted if a.startswith(("executor", "design"))]
    chosen = override(prior_of(read_calibration(name))[0], overrides)
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
    print(f"\nTables and figures are in {folder}/; region.csv has all parameter sets left, with their weights.")
    print(f"To use them: partnership compare scenario=... region_from={folder}")
