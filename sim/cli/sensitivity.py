"""``partnership sensitivity``: which parameters decide, alone and together."""

HELP = """\
Find which parameters decide who stays and what is created: Sobol indices over wide ranges, Morris screening of all.

  partnership sensitivity                       # some three minutes on two cores
  partnership sensitivity n=1024 trajectories=30 folder=results/finer

Takes n= (base samples, a power of 2), trajectories=, folder=, executor= and config= (the options of a folder of
results). Runs that are in the folder are not simulated again. Writes sobol.csv, pairs.csv, morris.csv and a figure of
the indices.
"""

OPTIONS = ("n", "trajectories", "folder", "executor")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.kept_config import with_config
    from sim.config.files import value_of
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.studies.validation.sensitivity import sensitivity
    from sim.sweeps.spec import override

    wanted = with_config("sensitivity", arguments)
    options = {a.partition("=")[0]: a.partition("=")[2] for a in wanted}
    for key in options:
        if key.partition(".")[0] not in OPTIONS:
            raise InputError(f"'{key}': sensitivity takes n=, trajectories=, folder= and executor=")
    result = sensitivity(
        **{k: value_of(f"{k}={options[k]}") for k in ("n", "trajectories") if k in options},
        folder=options.get("folder") or None,
        executor=override({}, [a for a in wanted if a.startswith("executor")]).get("executor", "processes"),
        call=command_line("sensitivity", arguments),
    )
    folder = result.save()
    print(f"{result.text()}\n\nTables and a figure are in {folder}/.")
