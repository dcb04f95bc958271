"""``partnership validate``: facts the model was not fitted to, and exact limits, each with its verdict."""

HELP = """\
Compare the model, over its plausible region, with facts it was not fitted to; and with exact limits.

  partnership validate                     # every pattern, in 16 parameter sets (about a minute)
  partnership validate region=64 replications=100
  partnership validate of=defaults replications=200   # at the defaults, many runs
  partnership validate of=prior            # before calibration: a pattern that passes here as well says little
  partnership validate limits=true         # published benchmarks as degenerate configurations (about a minute)

Takes region= (parameter sets of the plausible region, at most 64), region_from= (a region of your own: a folder that
calibrate saved), replications= (for each), of= (region, defaults or prior), limits=true, folder=, executor= and config=
(the options of a folder of results). Runs that are in the folder are not simulated again. Ends with: N patterns passed,
M failed.
"""

OPTIONS = ("region", "region_from", "replications", "of", "limits", "folder", "executor")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.kept_config import with_config
    from sim.config.files import value_of
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.studies.validation.validate import validate
    from sim.sweeps.spec import override

    wanted = with_config("validate", arguments)
    options = {a.partition("=")[0]: a.partition("=")[2] for a in wanted}
    for key in options:
        if key.partition(".")[0] not in OPTIONS:
            raise InputError(
                f"'{key}': validate takes region=, region_from=, replications=, of=, limits=, folder= and executor="
            )
    numbers = {k: value_of(f"{k}={options[k]}") for k in ("region", "replications") if k in options}
    if options.get("limits", "false") not in ("true", "false"):
        raise InputError(f"limits={options['limits']}: give true or false")
    result = validate(
        options.get("limits") == "true",
        options.get("of", "region"),
        numbers.get("region", 16),
        numbers.get("replications", 40),
        region_from=options.get("region_from") or None,
        folder=options.get("folder") or None,
        executor=override({}, [a for a in wanted if a.startswith("executor")]).get("executor", "processes"),
        call=command_line("validate", arguments),
    )
    folder = result.save(options.get("folder") or None)
    print(f"{result.text()}\n\nResults are in {folder}/")
