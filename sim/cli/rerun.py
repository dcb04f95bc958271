"""``partnership rerun``: make one run of a sweep again, check it to the last bit, and tell its story."""

from pathlib import Path

from sim.core.errors import InputError

HELP = """\
Make one run of a sweep again from its id, check that every number is the same to the last bit, and tell its story.

  partnership rerun 3f2a9c... folder=results/pause_and_trust
  partnership rerun 3f2a9c...            # looks in the folders below results/

The id (its first letters are enough) is in every table of the sweep.
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.studies.run import story_text
    from sim.studies.sweep import Sweep

    ids = [a for a in arguments if "=" not in a]
    folders = [a.partition("=")[2] for a in arguments if a.startswith("folder=")]
    if len(ids) != 1 or len(ids) + len(folders) != len(arguments) or len(folders) > 1:
        raise InputError("rerun takes one run id and folder=PATH; ids are in the column run_id of every table")
    places = [Path(f) for f in folders] or sorted(p.parent for p in Path("results").glob("*/manifest.json"))
    reasons = []
    for place in places:
        try:
            sweep = Sweep(place)
            run_id = sweep.find(ids[0])
        except InputError as error:
            if folders:
                raise
            reasons.append(str(error))
            continue
        made = sweep.rerun(run_id)
        print(story_text(made.scenario, made.policy, made.seed, made.tables))
        checked = ", ".join(f"{n} rows of {name}" for name, n in made.compared.items())
        print(f"\nRun {run_id} of {place}/: the same to the last bit ({checked}).")
        return
    raise InputError(
        f"rerun {ids[0]}: no sweep below results/ has this run; name its folder=PATH"
        + "".join(f"\n{r}" for r in reasons)
    )
