"""``partnership compare``: policies side by side on the same seeds."""

from sim.cli.kept_config import with_config
from sim.config.job import compose
from sim.storage.results import command_line

HELP = """\
Compare policies on the same seeds: who stays, what value they create, what it costs, and how sure that is.

  partnership compare  # the denim case, seven policies, 400 partnerships each
  partnership compare scenario=public_health replications=100
  partnership compare 'policies=[neutral,adaptive,{name: adaptive, pause: 3}]'
  partnership compare 'policies=[neutral,my_policy.py]'  # a policy of your own: docs/your_own_policy.md
  partnership compare scenario.rules.leak.rate=0.5 months=48 folder=results/leaky

Options (key=value, or --key value):
  scenario=, sectors=     the partnership: a shipped name or a YAML file (partnership describe scenarios)
  policies=[...]          names, files, {name: ..., parameter: ..., label: ...}, or plans {label: ..., steps: [...],
                          when: [...]} (docs/plans.md); differences are to neutral, or else to the first
  replications=, seed=    how many runs of each policy, and the first seed
  months=                 how long each run is
  region=                 repeat the comparison over so many parameter sets of the plausible region, and under other
                          structures of the model (0: do not); what you state, also at its default, is not varied
  region_from=            a region of your own instead: a folder that calibrate saved, or the region.csv in it
  outcomes=[...]          what is compared: names (partnership describe outcomes), also of groups, retention_of_private,
                          or a file, my_outcomes.py; the usual twelve by default: docs/your_own_outcomes_and_rules.md
  engine=, folder=        numpy or compiled; where to save
  anonymise=true          number the members of a roster in all that is written: Private 1, Private 2, Public 1
  config=FOLDER/config.yaml   run what a folder of results says; other options have the last word
  scenario.PATH=          any parameter by its dotted path (partnership describe parameters)

Each policy is also tried with half, and with one and a half times, the budget; where more of it clearly does harm, the
text and the report say so (docs/deciding.md).

Saves tables (Parquet, CSV), figures (PNG, SVG), the configuration and a manifest. `partnership report FOLDER` makes a
page of it. In Python: sim.compare(...).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    job = compose(with_config("compare", arguments), unused={"policy": "policies=[neutral,...]"})
    from sim.studies.compare import compare

    comparison = compare(
        job.scenario,
        job.policies,
        seeds=range(job.seed, job.seed + job.replications),
        months=job.months,
        region=job.region,
        region_from=job.region_from,
        outcomes=job.outcomes,
        engine=job.engine,
        folder=job.folder,
        call=command_line("compare", arguments),
    )
    folder = job.folder or comparison.save()
    print(comparison.text())
    print(f"\nTables, figures and the configuration are in {folder}/")
