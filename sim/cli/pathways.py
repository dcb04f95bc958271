"""``partnership pathways``: when to switch to another policy, and what announces it."""

from sim.cli.kept_config import with_config
from sim.storage.results import command_line

HELP = """\
Find when each action stops meeting a target, which triggers announce it, and what switching to another then brings.

  partnership pathways scenario=public_health
  partnership pathways 'actions=[neutral,bundling,safeguarding]' 'target={outcome: retention, at_least: 0.6}' lead=6
  partnership pathways 'target={outcome: content, at_least: 0.5, from: 13}' region=0 replications=100

Options (key=value, or --key value):
  actions=[...]           two to six policies, plans or plan files; the first is what is done now
                          (the plans of a case by default)
  target={...}            a monthly outcome (partnership describe outcomes), or retention, the share of the founders
                          still there; at_least or at_most; from: the first month that counts. An action fails when it
                          misses the target three months in a row, or up to the end
  lead=                   months before an action fails by which a trigger has to fire
  region=, replications=  parameter sets of the plausible region, and runs in each; as many others choose the triggers;
                          region=0: the scenario's own parameters
  region_from=            a region of your own instead: a folder that calibrate saved, or the region.csv in it
  scenario=, sectors=, seed=, months=, engine=, folder=, scenario.PATH= as in compare

Triggers see what the orchestrator sees, with its errors. Saves a map of the pathways, tables of tipping points,
signposts, what a wrong signal costs, and pathways, pathway.yaml (the best of them as a plan file), the configuration
and a manifest. In Python: sim.pathways(...).
"""

OWN = ("actions", "target", "lead", "region", "replications")
"""Options with defaults of their own."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.files import case_options, value_of
    from sim.config.job import compose
    from sim.studies.pathways.study import ACTIONS, pathways

    wanted = with_config("pathways", arguments)
    own = {a.partition("=")[0]: value_of(a) for a in wanted if a.partition("=")[0] in OWN}
    job = compose(
        [
            *(a for a in wanted if a.partition("=")[0] not in OWN),
            *(f"policies={a.partition('=')[2]}" for a in wanted if a.startswith("actions=")),
        ],
        unused={"policy": "actions=[neutral,...]", "policies": "actions=[neutral,...]"}
        if "actions" not in own
        else {"policy": "actions=[neutral,...]"},
        own=OWN,
    )
    stated = case_options(next((a.partition("=")[2] for a in wanted if a.startswith("scenario=")), ""))
    actions = job.policies if "actions" in own or "plans" in stated else list(ACTIONS)
    result = pathways(
        job.scenario,
        actions,
        own.get("target"),
        lead=own.get("lead", 6),
        region=own.get("region", 16),
        region_from=job.region_from,
        seeds=range(job.seed, job.seed + own.get("replications", 12)),
        months=job.months,
        engine=job.engine,
        folder=job.folder,
        call=command_line("pathways", arguments),
    )
    folder = job.folder or result.save()
    print(result.text())
    print(f"\nThe map (pathways.png), tables and the configuration are in {folder}/")
