"""``partnership forecast-score``: forecasts of real member lists, scored beside simple baselines."""

HELP = """\
Score forecasts of real member lists: of the members listed at an origin (every half-year), how many are listed later?

  partnership forecast-score spells.csv                    # all bodies of the file; some minutes on two cores
  partnership forecast-score spells.csv drop=riscv         # without a body, for example one cleaned up in bulk
  partnership forecast-score spells.csv hold_out=cncf,lfai # forecast these, and let nothing learn from them
  partnership forecast-score spells.csv of=prior           # the model before any calibration: it saw no list
  partnership forecast-score spells.csv replications=1     # a quick look

The file has a row for each spell of a member: partnership, sector (public, private, academic, nonprofit), joined,
first_seen, gone_by, founder, window_start, window_end. Forecasts are the model's, conditioned on the list so far, and
seven baselines; the scores are CRPS, coverage and width of intervals, and differences paired by body.

Takes drop=, hold_out=, of= (region or prior), replications= (runs of each parameter set at each origin), workers= and
folder=. Needs the package scoringrules: python -m pip install 'partnership-dynamics[scores]'.
"""

OPTIONS = ("drop", "hold_out", "of", "replications", "workers", "folder")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.files import value_of
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.studies.forecast_scores.study import forecast_score

    files = [a for a in arguments if a.partition("=")[0] not in OPTIONS]
    options = {a.partition("=")[0]: a.partition("=")[2] for a in arguments if a not in files}
    for file in files:
        if "=" in file and file.partition("=")[0].isidentifier():
            takes = ", ".join(f"{name}=" for name in OPTIONS)
            raise InputError(f"'{file.partition('=')[0]}': forecast-score takes a file of spells, {takes}")
    if len(files) != 1:
        raise InputError("name one file of membership spells: partnership forecast-score spells.csv")
    result = forecast_score(
        files[0],
        drop=_names(options.get("drop", "")),
        hold_out=_names(options.get("hold_out", "")),
        of=options.get("of", "region"),
        **{k: value_of(f"{k}={options[k]}") for k in ("replications", "workers") if k in options},
        call=command_line("forecast-score", arguments),
    )
    folder = result.save(options.get("folder") or None)
    print(f"{result.text()}\n\nTables and figures are in {folder}/")


def _names(text: str) -> tuple[str, ...]:
    """Read names: a,b or [a,b]."""
    return tuple(name.strip() for name in text.strip().strip("[]").split(",") if name.strip())
