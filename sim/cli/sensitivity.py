"""``partnership sensitivity``: which parameters decide, alone and together."""

HELP = """\
Say which parameters decide who stays and what is created: Sobol indices over wide ranges, Morris screening of all.

  partnership sensitivity                       # some three minutes on two cores
  partnership sensitivity n=1024 trajectories=30 folder=results/finer

Takes n= (base samples, a power of 2), trajectories=, folder= and executor=. Runs that are there already are not made
again. Writes sobol.csv, pairs.csv, morris.csv and a figure of the indices.
"""

SHOWN = 8
ROUGH = 0.15
"""Half width of an index beyond which the user is told that n is small."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.hydra import value_of
    from sim.core.errors import InputError
    from sim.core.paths import path_of
    from sim.storage.atomic import refuse_results
    from sim.storage.digests import model_version
    from sim.storage.results import write_csv
    from sim.studies.validation.sensitivity import morris_effects, run, sobol_indices
    from sim.sweeps.spec import check, override
    from sim.viz.figures.validation import sensitivity_figure
    from sim.viz.save import save_figure

    given = {a.partition("=")[0]: a.partition("=")[2] for a in arguments}
    for key in given:
        if key.partition(".")[0] not in ("n", "trajectories", "folder", "executor"):
            raise InputError(f"'{key}': sensitivity takes n=, trajectories=, folder= and executor=")
    numbers = {k: value_of(f"{k}={given[k]}") for k in ("n", "trajectories") if k in given}
    for key, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 2:
            raise InputError(f"{key}={given[key]}: give a whole number of at least 2")
    folder = path_of(given.get("folder") or "results/sensitivity")
    refuse_results(folder)
    asked = check("sensitivity", override({}, [a for a in arguments if a.startswith("executor")]), folder)
    first, second = run(folder, **numbers, executor=asked.executor.model_dump())
    (sobol, together), morris = sobol_indices(first), morris_effects(second)
    write_csv(together, folder / "pairs.csv")
    write_csv(sobol, folder / "sobol.csv")
    write_csv(morris, folder / "morris.csv")
    note = f"adaptive tracking; {first.model}; Sobol: {len(first.design):,} rows; Morris: {len(second.design):,} rows"
    save_figure(sensitivity_figure(sobol, note), folder / "sobol", f"partnership sensitivity | {note}")
    if sobol["first_half"].max() > ROUGH:
        print(f"Some indices are uncertain by more than {ROUGH:g}; a larger n= makes them sure.")
    for outcome, rows in sobol.groupby("outcome", sort=False):
        print(f"\n{outcome} (noise of replications: {rows['noise'].iloc[0]:.1%} of the variance)")
        for row in rows.sort_values("total", ascending=False).head(SHOWN).itertuples():
            print(
                f"  {row.parameter:<34} alone {row.first:>6.2f} ± {row.first_half:.2f}"
                f"   with others {row.total:>5.2f} ± {row.total_half:.2f}"
            )
        most = together[together["outcome"] == outcome].sort_values("second", ascending=False)
        for row in most[(most["second"] > most["second_half"]) & (most["second_half"] < ROUGH)].head(3).itertuples():
            print(f"  together: {row.one} and {row.other} {row.second:.2f} ± {row.second_half:.2f}")
        few = morris[morris["outcome"] == outcome].sort_values("mu_star", ascending=False).head(SHOWN)
        n_all = morris["parameter"].nunique()
        print(f"  of all {n_all}, each from half to one and a half times its default: {', '.join(few['parameter'])}")
    print(f"\nTables and figure are in {folder}/ (model {model_version()}).")
